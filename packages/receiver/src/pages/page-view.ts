import type { CaptureRecord } from '@heapfloor/contract';

/** What every page needs to know besides its subject; pages read no clock and no state of their own. */
export interface PageView {
  readonly now: Date;
  /** Address that people reach the receiver at, for printed links: `https://heapfloor.example`. */
  readonly baseUrl: string;
  readonly startedAt: Date;
  readonly lastWebhookAt: Date | null;
  /** Captures queued or running. */
  readonly openJobs: number;
  /** Of the Content-Security-Policy, for the page's one script. */
  readonly nonce: string;
}

/** One registered target, as the targets page shows it. */
export interface TargetView {
  readonly instance: string;
  readonly service: string;
  readonly version: string | null;
  /** Where its control endpoint listens: `unix:/run/shop.sock`, `http://127.0.0.1:9465`. */
  readonly address: string;
  /** Newest floor / limit. Unit: 1. */
  readonly floorRatio: number | null;
  /** When it last delivered metrics. */
  readonly lastSeenAt: Date | null;
  readonly lastCapture: CaptureRecord | null;
}
