/* How numbers and times are written. Pure, so that tests can hold them. */

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

const whole = new Intl.NumberFormat("en-US");
const short = new Intl.NumberFormat("en-US", { notation: "compact", maximumFractionDigits: 1 });

/** `1234567` → `1,234,567`. */
export const count = (n: number): string => whole.format(n);

/** `1234567` → `1.2M`; small numbers stay exact. */
export const compact = (n: number): string => (n < 100_000 ? whole.format(n) : short.format(n));

/** A share from 0 to 1 as a percentage that never lies about nothing and everything. */
export function percent(share: number): string {
  const hundredth = share * 100;
  if (hundredth === 0) return "0 %";
  if (hundredth < 0.1) return "< 0.1 %";
  if (hundredth > 99.9 && hundredth < 100) return "> 99.9 %";
  return `${hundredth < 10 ? hundredth.toFixed(1) : Math.round(hundredth)} %`;
}

/** `12.34` → `12 ms`; under ten one decimal, over a second in seconds. */
export function took(ms: number): string {
  if (ms >= 1000) return `${(ms / 1000).toFixed(1)} s`;
  return ms < 10 ? `${ms.toFixed(1)} ms` : `${Math.round(ms)} ms`;
}

/** How long before `now` a time was: `just now`, `12 s ago`, … and the date after a month. */
export function ago(iso: string, now: number): string {
  const then = Date.parse(iso);
  if (Number.isNaN(then)) return iso;
  const ms = now - then;
  if (ms < -MINUTE_MS) return `in ${span(-ms)}`;
  if (ms < 5_000) return "just now";
  if (ms >= 30 * DAY_MS) return day(iso, now);
  return `${span(ms)} ago`;
}

/** A length of time in its largest whole unit: `12 s`, `3 min`, `5 h`, `2 d`. */
export function span(ms: number): string {
  if (ms < MINUTE_MS) return `${Math.floor(ms / 1000)} s`;
  if (ms < HOUR_MS) return `${Math.floor(ms / MINUTE_MS)} min`;
  if (ms < DAY_MS) return `${Math.floor(ms / HOUR_MS)} h`;
  return `${Math.floor(ms / DAY_MS)} d`;
}

/** `24 Nov`, and the year where it is another one. */
export function day(iso: string, now: number, timeZone?: string): string {
  const date = new Date(iso);
  const sameYear = date.getFullYear() === new Date(now).getFullYear();
  const options: Intl.DateTimeFormatOptions = { day: "numeric", month: "short", timeZone };
  return date.toLocaleDateString("en-GB", sameYear ? options : { ...options, year: "numeric" });
}

/** `14:03:27` in local time. */
export function clock(iso: string, timeZone?: string): string {
  return new Date(iso).toLocaleTimeString("en-GB", { timeZone });
}

/** `14:03:27`, and before today with its day. */
export function moment(iso: string, now: number): string {
  const today = new Date(iso).toDateString() === new Date(now).toDateString();
  return today ? clock(iso) : `${day(iso, now)} ${clockMinute(iso)}`;
}

/** `14:03` in local time. */
export function clockMinute(iso: string, timeZone?: string): string {
  return new Date(iso).toLocaleTimeString("en-GB", { hour: "2-digit", minute: "2-digit", timeZone });
}

/** The whole truth about a time, for titles. */
export function exact(iso: string): string {
  const date = new Date(iso);
  return Number.isNaN(date.getTime()) ? iso : `${date.toLocaleString("en-GB")} (${date.toISOString()})`;
}

/** `email_marketing` → `email marketing`. */
export const words = (name: string): string => name.replace(/[_-]+/g, " ");

/** A JSON value on one line, as people write it: texts without quotes. */
export function value(v: unknown): string {
  return typeof v === "string" ? v : JSON.stringify(v);
}

/** `one person`, `2 people`. */
export const many = (n: number, one: string, more: string): string => `${count(n)} ${n === 1 ? one : more}`;

/** Cuts `kind:value` at its first colon. */
export function identifier(text: string): { kind: string; value: string } {
  const at = text.indexOf(":");
  return at < 0 ? { kind: "", value: text } : { kind: text.slice(0, at), value: text.slice(at + 1) };
}
