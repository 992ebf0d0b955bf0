import type { ReactNode } from 'react';
import { useSearchParams } from 'react-router';
import { useTenantNames } from '../tenants/tenant-names.js';
import { inPlainWords } from './words.js';

/** What a list is narrowed to. It is kept in the page's address, so that it can be shared and gone back to. */
export interface FilterState<Name extends string> {
  readonly values: Readonly<Record<Name, string>>;
  readonly isSet: boolean;
  readonly set: (name: Name, value: string) => void;
}

/** Reads filters from the page's address, and writes them there. */
export function useFilters<const Name extends string>(names: readonly Name[]): FilterState<Name> {
  const [search, setSearch] = useSearchParams();
  const values = Object.fromEntries(names.map((name) => [name, search.get(name) ?? ''])) as Record<Name, string>;
  const set = (name: Name, value: string) =>
    setSearch(
      (before) => {
        before.delete(name);
        if (value !== '') before.set(name, value);
        return before;
      },
      { replace: true },
    );
  return { values, set, isSet: names.some((name) => values[name] !== '') };
}

/** The row of filters above a list. */
export function Filters({ children }: { children: ReactNode }) {
  return (
    <search className="filters" aria-label="Filters">
      {children}
    </search>
  );
}

interface FilterProps<Name extends string> {
  readonly filters: FilterState<Name>;
  readonly name: NoInfer<Name>;
  readonly label: string;
}

/** One of some values, or all; `all` says what the empty choice means. */
export function SelectFilter<Name extends string>({
  filters,
  name,
  label,
  options,
  all = 'All',
}: FilterProps<Name> & { readonly options: readonly string[]; readonly all?: string }) {
  return (
    <label>
      {label}
      <select value={filters.values[name]} onChange={({ target }) => filters.set(name, target.value)}>
        <option value="">{all}</option>
        {options.map((option) => (
          <option key={option} value={option}>
            {inPlainWords(option)}
          </option>
        ))}
      </select>
    </label>
  );
}

/** One tenant, or all. */
export function TenantFilter({ filters: { values, set } }: { filters: FilterState<'tenant'> }) {
  const tenants = useTenantNames();
  return (
    <label>
      Tenant
      <select value={values.tenant} onChange={({ target }) => set('tenant', target.value)}>
        <option value="">All</option>
        {[...tenants].map(([id, name]) => (
          <option key={id} value={id}>
            {name}
          </option>
        ))}
      </select>
    </label>
  );
}

/** A day of UTC, in the form of 2027-01-31. */
export function DayFilter<Name extends string>({
  filters,
  name,
  label,
  value = filters.values[name],
  ...bounds
}: FilterProps<Name> & { readonly value?: string; readonly min?: string; readonly max?: string }) {
  return (
    <label>
      {label}
      <input type="date" value={value} {...bounds} onChange={({ target }) => filters.set(name, target.value)} />
    </label>
  );
}

/** A text, like an id. */
export function TextFilter<Name extends string>({
  filters,
  name,
  label,
  placeholder,
}: FilterProps<Name> & { readonly placeholder?: string }) {
  return (
    <label>
      {label}
      <input
        type="search"
        spellCheck={false}
        placeholder={placeholder}
        value={filters.values[name]}
        onChange={({ target }) => filters.set(name, target.value.trim())}
      />
    </label>
  );
}
