/** A visitor's session: what the shop remembers between two requests. */
export class Session {
  readonly id: string;
  readonly userAgent: string;
  readonly cart: CartLine[] = [];
  /** Rendered once, so that the next page is fast. */
  cartHtml = '';
  /** When the session may be dropped. Unit: ms since 1970. */
  expiresAt: number;

  constructor(id: string, userAgent: string, expiresAt: number) {
    this.id = id;
    this.userAgent = userAgent;
    this.expiresAt = expiresAt;
  }
}

export class CartLine {
  readonly sku: string;
  readonly quantity: number;
  readonly addedAt: Date;

  constructor(sku: string, quantity: number, addedAt: Date) {
    this.sku = sku;
    this.quantity = quantity;
    this.addedAt = addedAt;
  }
}
