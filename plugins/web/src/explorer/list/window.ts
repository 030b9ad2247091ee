/** Which rows of a long list are in the page: a bounded number, however long the list is. */

/** Browsers do not draw elements that are higher than some 33 million pixels. */
export const HIGHEST = 8_000_000;

/** The rows to draw, and where. */
export interface View {
  readonly first: number;
  readonly count: number;
  /** How far down the first of them is, in pixels. */
  readonly offset: number;
  /** How high all rows together are said to be, in pixels. */
  readonly height: number;
}

/** Returns what is in view at this scroll position; some rows before and after it are drawn too. */
export function viewOf(total: number, row: number, scroll: number, viewport: number, spare = 8): View {
  const real = total * row;
  const height = Math.min(real, HIGHEST);
  const visible = Math.ceil(viewport / row);
  // Beyond the highest element, a pixel of scrolling is more than one of the list.
  const most = Math.max(1, height - viewport);
  const at =
    real <= HIGHEST ? scroll / row : (Math.min(scroll, most) / most) * Math.max(0, total - viewport / row);
  const first = Math.max(0, Math.floor(at) - spare);
  const end = Math.min(total, Math.floor(at) + visible + spare);
  const count = Math.max(0, end - first);
  const offset = real <= HIGHEST ? first * row : scroll - (at - first) * row;
  return { first, count, offset, height };
}

/** Items of a long list, fetched a page at a time, of which only some are kept. */
export class Cache<T> {
  private readonly pages = new Map<number, readonly T[]>();

  constructor(
    readonly pageSize: number,
    private readonly most = 40,
  ) {}

  get(index: number): T | undefined {
    return this.pages.get(Math.floor(index / this.pageSize))?.[index % this.pageSize];
  }

  has(page: number): boolean {
    return this.pages.has(page);
  }

  /** Tells whether a page is here and has as many items as it can have. */
  full(page: number): boolean {
    return this.pages.get(page)?.length === this.pageSize;
  }

  put(page: number, items: readonly T[]): void {
    this.pages.delete(page);
    this.pages.set(page, items);
    for (const oldest of this.pages.keys()) {
      if (this.pages.size <= this.most) {
        break;
      }
      this.pages.delete(oldest);
    }
  }

  /** The pages that the items from `first` on lie in, and that are not here. */
  missing(first: number, count: number): number[] {
    const pages: number[] = [];
    for (let page = Math.floor(first / this.pageSize); page * this.pageSize < first + count; page++) {
      if (!this.pages.has(page)) {
        pages.push(page);
      }
    }
    return pages;
  }
}
