/** A list of the admin API, or one page of it. */
export interface ListBody<T> {
  readonly object: 'list';
  readonly data: readonly T[];
  /** Whether there are more than these. */
  readonly has_more?: boolean;
  /** After what the next page begins, where that is not always the last of these. */
  readonly last_id?: string | null;
}
