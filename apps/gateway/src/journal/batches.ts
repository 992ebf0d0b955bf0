/** Sends what is given while a batch is under way together in the next one; what is given while none is goes at once, and alone. */
export class Batches<Item, Answer> {
  private readonly send: (items: Item[]) => Promise<Answer>;
  private readonly most: number;
  private readonly waiting: { readonly item: Item; readonly sent: PromiseWithResolvers<Answer> }[] = [];
  private isSending = false;

  /**
   * @param send sends a batch; what it answers or throws is for each of the batch's items.
   * @param most items of one batch.
   */
  constructor(send: (items: Item[]) => Promise<Answer>, most: number) {
    this.send = send;
    this.most = most;
  }

  /** Sends an item with the next batch, and returns what was answered to that. */
  add(item: Item): Promise<Answer> {
    const sent = Promise.withResolvers<Answer>();
    this.waiting.push({ item, sent });
    if (!this.isSending) void this.sendAll();
    return sent.promise;
  }

  private async sendAll(): Promise<void> {
    this.isSending = true;
    while (this.waiting.length > 0) {
      const batch = this.waiting.splice(0, this.most);
      try {
        const answer = await this.send(batch.map(({ item }) => item));
        for (const { sent } of batch) sent.resolve(answer);
      } catch (error) {
        for (const { sent } of batch) sent.reject(error);
      }
    }
    this.isSending = false;
  }
}
