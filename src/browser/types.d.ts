// What the package `postgate` offers: its contract. It asks no project for types of pages or of WebAssembly.

/// <reference lib="esnext.disposable" />

import type { IssueCode } from "./codes.js";

export type { IssueCode };

/**
 * A request to `POST /v1/Messages`: its JSON as bytes or text, or the object that stands for it. Bytes are read as
 * they are; an object is written as JSON first, so that offsets count from there.
 */
export type Input = Uint8Array | string | object;

/** How a request is judged. An option that is not listed here is refused. */
export interface Options {
  /**
   * What a request may hold: a `campaign` of up to 1,000,000 recipients, which is split into several requests, or one
   * `request` as the Communications API takes it. The default is `campaign`.
   */
  limits?: "campaign" | "request";
  /**
   * The region whose phone numbers may be written without their country code: two capitals, as in ISO 3166. Without
   * one, such a number is an error.
   */
  defaultRegion?: string;
  /**
   * What becomes of recipients who are named twice, by number and channel or by id. `keep`, the default, only points
   * them out; `drop` leaves a row out when earlier rows name everybody in it; `refuse` makes them errors.
   */
  duplicates?: "keep" | "drop" | "refuse";
  /** Most recipients of a batch, from 1 to 10,000, which is the default. */
  batchRows?: number;
  /** Most bytes of a batch, from 1 to 10,000,000, which is the default. */
  batchBytes?: number;
  /** The present instant in RFC 3339, by which a schedule is judged. The default is the clock's. */
  now?: string;
  /** As {@link SegmentOptions.smartEncoding}; for what a summary counts. */
  smartEncoding?: boolean;
  /** What messages cost, for what a summary adds up. Without prices it has no cost. */
  prices?: Prices;
  /**
   * Messages a second: segments of SMS, or messages over other channels; for how long a summary says that the send
   * takes. Up to six digits behind the point.
   */
  mps?: number | string;
}

/**
 * Prices of one segment (`sms`) or one message (`mms`, `rcs`, `whatsapp`): by the region of the recipient's number, such
 * as `US`, else by its calling code, such as `+44`, else by `*`; or one price for all. Decimals, best in quotes, as
 * JavaScript rounds numbers. None are shipped with this package.
 *
 * @example
 * const prices: Prices = { currency: "USD", sms: { US: "0.0079", "+44": "0.04", "*": "0.1" }, whatsapp: "0.005" };
 */
export type Prices = { currency: string } & Partial<Record<MessageChannel, Price | Record<string, Price>>>;

/** An amount below 100,000 with at most six decimals. */
export type Price = string | number;

/** A channel that a message goes over. */
export type MessageChannel = "sms" | "mms" | "rcs" | "whatsapp";

/** From so many to so many. */
export interface Range {
  min: number;
  max: number;
}

/** `error`: not sent. `warning`: sent, but worth a look. `note`: something harmless was changed. */
export type Severity = "error" | "warning" | "note";

/** One finding about a request. */
export interface Issue {
  code: IssueCode;
  severity: Severity;
  /** JSON Pointer into the request as it was given; for broken JSON the deepest one reached. */
  at: string;
  /** Bytes into the request: where the value begins, or the byte that cannot be read. */
  offset: number;
  /** A part of the string at `at`, in UTF-16 code units, as `slice` takes them. */
  span?: { start: number; end: number };
  /** Limits, lengths and names that the sentence needs; never a recipient's data. */
  params: Record<string, number | string>;
}

/** What was found in a request. */
export interface Verdict {
  /** Whether it may be sent: there is no error. */
  ok: boolean;
  /** The first 1,000 errors, 500 warnings and 100 notes, in document order. */
  issues: Issue[];
  /** How many issues there are of each code, listed or not. */
  counts: Partial<Record<IssueCode, number>>;
  /** How many issues are not listed. */
  omitted: number;
  totals: {
    /**
     * Rows of `to` that name one person each, rows that name a stored group, and how many of both are left out as
     * duplicates.
     */
    recipients: { listed: number; groups: number; dropped: number };
    /** Bytes of the request as it was given. */
    bytes: number;
    /** The upstream requests it becomes; none unless `ok`. */
    batches: { rows: number; bytes: number }[];
  };
}

/**
 * Loads the module. In a page it has to be awaited once, before the first call; called again, it does nothing. In Node
 * it may be left out.
 *
 * @param source The module, where it is not `postgate.wasm` beside this package's files.
 *
 * @example
 * import { check, init } from "postgate";
 *
 * await init();
 * check({ to: [], content: { text: "Hello" } }).ok; // false
 */
export function init(source?: Source | Promise<Source>): Promise<void>;

/** Where a module comes from: an address, a response, its bytes, or the compiled module. */
export type Source = string | URL | Request | Response | ArrayBuffer | ArrayBufferView | CompiledModule;

/** A `WebAssembly.Module`; an object, in a project that has no types of WebAssembly. */
export type CompiledModule = typeof globalThis extends { WebAssembly: { Module: { prototype: infer Module } } }
  ? Module
  : object;

/**
 * As {@link init}, for a module that is there already.
 *
 * @example
 * initSync(new Uint8Array(await readFile("postgate.wasm")));
 */
export function initSync(module: ArrayBuffer | ArrayBufferView | CompiledModule): void;

/**
 * Judges a request.
 *
 * @throws {PostgateError} Findings are returned; only misuse throws.
 *
 * @example
 * const { issues } = check({
 *   to: [{ address: "4155550100", channel: "PHONE" }],
 *   content: { text: "Your table is ready." },
 * });
 * issues[0]?.code; // "address/needs-region"
 * issues[0]?.at; // "/to/0/address"
 */
export function check(input: Input, options?: Options): Verdict;

/**
 * Judges a request: the verdict's canonical JSON, to the byte what the gate itself answers. For comparing and storing.
 *
 * @throws {PostgateError} As {@link check}.
 *
 * @example
 * const bytes = checkBytes(new Uint8Array(await file.arrayBuffer()));
 * const same = await crypto.subtle.digest("SHA-256", bytes);
 */
export function checkBytes(input: Input, options?: Options): Uint8Array<ArrayBuffer>;

/**
 * Judges a request and splits it into the bodies of the requests that the Communications API takes: in order,
 * normalized, each a complete JSON text. There are none unless the verdict is ok.
 *
 * @throws {PostgateError} As {@link check}.
 *
 * @example
 * const { verdict, batches } = split(request);
 * for (const body of batches) await post(body);
 */
export function split(input: Input, options?: Options): { verdict: Verdict; batches: Uint8Array<ArrayBuffer>[] };

/** What is wrong with a request, what it takes, and what some of its recipients read. */
export interface Summary {
  verdict: Verdict;
  /** Null if the request cannot be read, or if its rows do not fit into memory. */
  estimate: Estimate | null;
  /** Of the rows that were asked for and are there, in their order. */
  previews: Preview[];
}

/** What a send takes, added up over its recipients. What the request does not decide is a range. */
export interface Estimate {
  /**
   * People who are named one by one and not left out, be it as duplicates or as {@link SummaryOptions.handling} asks. Stored
   * groups come on top.
   */
  people: number;
  /** Whether it may be more than this: somebody's text or a group's size is known only to the service. */
  atLeast: boolean;
  /**
   * How many people are reached over each channel: `min` for certain, `max` if the service chooses it for everybody for
   * whom it can. A channel that nobody can be reached over is left out.
   */
  channels: Partial<Record<MessageChannel, Range>>;
  /** People whom no channel of sender and content can reach. */
  unreached: number;
  /** Segments of SMS; `min` counts only people who get an SMS for certain. */
  segments: Range;
  /** The first of the longest texts, by characters; left out if there is none, or none is known. */
  longest?: { row: number; characters: number; encoding: "GSM-7" | "UCS-2"; units: number };
  /** The rows with the most segments, up to ten; none of those with only one. */
  dearest: { row: number; segments: Range }[];
  /** What counts for the sender's rate: segments of SMS, and messages over other channels. */
  units: Range;
  /**
   * What it costs, if there are prices: decimals as text. `unpriced` counts people who may get a message that has no
   * price; it is not in the sums.
   */
  cost?: { currency: string; min: string; max: string; unpriced: number };
  /** How many seconds it takes at the rate that was given. */
  seconds?: Range;
}

/** What one recipient reads, over each channel that it may be. */
export interface Preview {
  /** The recipient's place in `to`, from 0. */
  row: number;
  channels: ChannelPreview[];
  /** What was found about this recipient: the first 100. */
  issues: Issue[];
}

/** What is read over one channel: a text with media, a module, or a template. */
export type ChannelPreview = { channel: MessageChannel; atLeast?: true } & (
  | { text?: string; characters?: number; segments?: Segments; media: string[] }
  | { module: RcsModule | Record<string, unknown> }
  | { template: { contentId: string; variables: Record<string, string> } }
);

/** A module for RCS, as it stands in a request, with its texts rendered. */
export interface RcsModule {
  text?: string;
  media?: RcsMedia;
  richCard?: {
    standaloneCard?: {
      cardContent: RcsCard;
      cardOrientation?: "HORIZONTAL" | "VERTICAL";
      thumbnailImageAlignment?: "LEFT" | "RIGHT";
    };
    carouselCard?: { cardContents: RcsCard[]; cardWidth?: "SMALL" | "MEDIUM" };
  };
  suggestions?: RcsSuggestion[];
}

/** One card. */
export interface RcsCard {
  title?: string;
  description?: string;
  media?: RcsMedia;
  suggestions?: RcsSuggestion[];
}

/** A medium of a card, or instead of one. */
export interface RcsMedia {
  contentInfo: { fileUrl: string; thumbnailUrl?: string; forceRefresh?: boolean };
  height?: "SHORT" | "MEDIUM" | "TALL";
}

/** A reply or an action to tap on. */
export type RcsSuggestion =
  | { reply: { text: string; postbackData: string } }
  | { action: { text: string; postbackData: string } & Record<string, unknown> };

/**
 * Judges a request, and adds up what it takes: channels, segments, cost and time, over all recipients.
 *
 * @throws {PostgateError} As {@link check}.
 *
 * @example
 * const { verdict, estimate } = summarize(request, { prices: { currency: "USD", sms: { US: "0.0079" } }, mps: 10 });
 * estimate?.segments; // { min: 25000, max: 25000 }
 * estimate?.cost?.max; // "197.5"
 * estimate?.seconds?.max; // 2500
 */
export function summarize(input: Input, options?: SummaryOptions): Summary;

/** As {@link Options}. */
export interface SummaryOptions extends Options {
  /** The rows of which there are to be previews: up to 20 places in `to`, from 0. */
  preview?: number[];
  /**
   * Whose messages are added up: `strict`, the default, those of all recipients; `lenient` not those of recipients with
   * errors, as a gate leaves them out of a send with `Prefer: handling=lenient`. The verdict is the same. With
   * `duplicates: "drop"` a row that the gate sends in the place of an earlier one with errors is not counted.
   */
  handling?: "strict" | "lenient";
}

/**
 * What one recipient reads; null if there is none at that place, or if the request cannot be read.
 *
 * @throws {PostgateError} As {@link check}, and if the index is none.
 *
 * @example
 * const anna = preview(request, 0);
 * anna?.channels[0]; // { channel: "sms", text: "Your table is ready.", characters: 20, segments: { … }, media: [] }
 */
export function preview(input: Input, recipientIndex: number, options?: Options): Preview | null;

/**
 * Judges a request and writes it again in one piece: numbers in E.164, words in capitals, the rest as it was. Null unless
 * the verdict is ok; {@link check} tells why.
 *
 * @throws {PostgateError} As {@link check}.
 *
 * @example
 * const bytes = normalize({ to: [{ address: "+1 (415) 555-0100", channel: "phone" }], content: { text: "Hi" } });
 */
export function normalize(input: Input, options?: Options): Uint8Array<ArrayBuffer> | null;

/** A column of a table: by its name in the header, or by its place, from 0. */
export type Column = string | number;

/** Which column of a table says what. What is left out is found out, and the report says how. */
export interface Mapping {
  format?: "csv" | "ndjson" | "list";
  /** One ASCII sign between two cells. */
  delimiter?: string;
  /** Whether the first record names the columns. */
  header?: boolean;
  address?: Column;
  /** Null where there is none. */
  channel?: Column | null;
  /** The channel of rows that name none. The default is `PHONE`. */
  defaultChannel?: "PHONE" | "WHATSAPP";
  /** Names and their columns; `others`, the default, for every other column that has a name; null for none. */
  variables?: Record<string, Column> | "others" | null;
}

/** What was found in a table. */
export interface TableReport {
  /** Whether every record became a row, and there is one. */
  ok: boolean;
  /** Whether it was read to its end. */
  complete: boolean;
  rows: number;
  /** Records that became no row. */
  rejected: number;
  columns: string[];
  /** The mapping with nothing left open. */
  mapping: Mapping;
  /** Which parts of the mapping were found out. */
  guessed: (keyof Mapping)[];
  /** The first of them. */
  issues: Issue[];
  counts: Partial<Record<IssueCode, number>>;
  omitted: number;
}

/**
 * Makes recipients of a table: CSV with any delimiter, NDJSON, or numbers one a line.
 *
 * @param mapping Which column says what; left out, that is found out.
 * @returns `rows` is the JSON array for a request's `to`; `rejects` the records that became none, as CSV with the reason
 *   in a column behind the others; `rowNumbers` tells where each row stands in the table, the first record being 1;
 *   `rowLines` the line that it begins in, which is another one behind cells with line breaks.
 * @throws {PostgateError} If the table is no text, or the mapping is wrong.
 *
 * @example
 * const { rows, table } = fromTable("phone;name\n+14155550100;Zoe\n", { address: "phone" });
 * new TextDecoder().decode(rows); // [{"address":"+14155550100","channel":"PHONE","variables":{"name":"Zoe"}}]
 */
export function fromTable(
  input: Uint8Array | string,
  mapping?: Mapping,
): {
  rows: Uint8Array<ArrayBuffer>;
  rejects: Uint8Array<ArrayBuffer>;
  rowNumbers: Uint32Array<ArrayBuffer>;
  rowLines: Uint32Array<ArrayBuffer>;
  table: TableReport;
};

/** How input that comes in pieces is judged. */
export interface CheckerOptions extends SummaryOptions {
  /** The pieces are a table and not a request: its mapping, or true to have all of it found out. */
  table?: Mapping | true;
  /**
   * With a table: the rest of the request, without `to`. Without it only the rows are judged, and there are neither
   * batches nor a summary.
   */
  head?: Input;
  /** Whether the bodies of batches are wanted; `early` hands them out before the verdict, to be thrown away unless ok. */
  batches?: boolean | "early";
  /** Whether an estimate is wanted, and the previews that are asked for. */
  summary?: boolean;
  /**
   * What goes to the rejects of a table: the records that became no row (`unread`, the default), or also those whose row is
   * refused (`all`), for which the table is wanted once more. Where there are more issues than the verdict lists, a row
   * behind them that only repeats another, which `duplicates: "refuse"` makes an error, is not among them.
   */
  rejects?: "unread" | "all";
  /**
   * With `rejects: "all"`: why a row that is not refused goes to the rejects all the same, such as what became of its
   * message; nothing where it does not. Takes the row's JSON, its place in `to`, and its place among the rows that are not
   * refused, both from 0. What it throws comes through as it is.
   */
  reason?: (row: string, index: number, sent: number) => string | undefined;
  /** As those of {@link sentence}, for the reasons in the rejects. */
  sentences?: Sentences;
}

/**
 * Judges what comes in pieces, of any size and in little memory.
 *
 * @example
 * const checker = new Checker({ defaultRegion: "US" });
 * let again = true;
 * while (again) {
 *   for (const piece of pieces) checker.push(piece);
 *   ({ again } = checker.finish());
 * }
 * checker.verdict?.ok;
 */
export class Checker {
  /** @throws {PostgateError} If an option is wrong. */
  constructor(options?: CheckerOptions);
  /**
   * Takes the next bytes.
   *
   * @throws {PostgateError} `instance-lost` where another call has made the module stop; `checker-done` behind the end.
   */
  push(piece: Uint8Array): void;
  /** Takes the end. With `again`, the same pieces have to come once more. */
  finish(): { again: boolean };
  /** The verdict, once there is one. */
  readonly verdict: Verdict | undefined;
  /** What the send comes to, where a summary was asked for. */
  readonly estimate: Estimate | null | undefined;
  /** What the recipients that the options name read. */
  readonly previews: Preview[] | undefined;
  /** What was found in the table. */
  readonly table: TableReport | undefined;
  /** Where each row stands in the table. */
  readonly rowNumbers: Uint32Array | undefined;
  /** The line of the table that each row begins in, from 1. */
  readonly rowLines: Uint32Array | undefined;
  /** Some of the verdict's issues. */
  issues(from?: number, count?: number): Issue[];
  /** Where a row of `to` stands in the table. */
  row(index: number): number | undefined;
  /** The bodies that are whole and were not handed out before. */
  batches(): IterableIterator<Uint8Array<ArrayBuffer>>;
  /** The records so far that became no row, as CSV; with `rejects: "all"` those that have to be repaired, at the end. */
  rejects(): Uint8Array<ArrayBuffer>;
  /** Lets its memory go, where it is left before its end. */
  dispose(): void;
  [Symbol.dispose](): void;
}

/** What came of input in pieces. */
export interface Checked {
  verdict: Verdict;
  estimate?: Estimate | null;
  previews?: Preview[];
  table?: TableReport;
  /** The records of a table that became no row, as CSV; with `rejects: "all"` also those whose row is refused. */
  rejects: Uint8Array<ArrayBuffer>;
  /** Where a row of `to` stands in the table. */
  row(index: number): number | undefined;
  rowNumbers?: Uint32Array;
  /** The line of the table that each row begins in, from 1. */
  rowLines?: Uint32Array;
}

/**
 * Judges a stream of bytes. It is opened once or twice, as the order of a request's members wants it, and once more for
 * all rejects.
 *
 * @throws {PostgateError} As {@link Checker}; what the stream and `onBatch` throw comes through as it is.
 *
 * @example
 * const { verdict } = await checkStream(() => file.stream());
 */
export function checkStream(
  open: () => MaybePromise<ReadableStream<Uint8Array> | AsyncIterable<Uint8Array> | Iterable<Uint8Array>>,
  options?: Omit<CheckerOptions, "batches"> & {
    /** Takes the batches, one after the other, once the verdict is ok. */
    onBatch?: (body: Uint8Array<ArrayBuffer>) => MaybePromise<void>;
  },
): Promise<Checked>;

/** What is there, or will be. */
export type MaybePromise<T> = T | Promise<T>;

/** How segments are counted. An option that is not listed here is refused. */
export interface SegmentOptions {
  /**
   * Whether the messaging service has smart encoding. Twilio then writes, for example, straight quotes in place of
   * curly ones where that brings the whole text into GSM-7. Which characters it replaces is read out of its own
   * calculator, so it is an estimate. The default is false.
   */
  smartEncoding?: boolean;
}

/** What a text takes as SMS. */
export interface Segments {
  /** How it is written: GSM-7 if all of it can be. */
  encoding: "GSM-7" | "UCS-2";
  /** Septets in GSM-7, where `[ ] { } \\ ^ ~ | €` take two; UTF-16 code units in UCS-2. */
  units: number;
  /** By which RCS and WhatsApp measure a text, and Twilio the longest SMS: an emoji is one or several. */
  characters: number;
  /**
   * `min`: cut by unit, as Twilio bills it. `max`: if whatever readers see as one character is kept whole on the way.
   * An empty text, which cannot be sent, has none.
   */
  segments: { min: number; max: number };
  /** Whether smart encoding replaces something. */
  replaced: boolean;
  /**
   * What is not in GSM-7: the first 100. `start` and `end` are places in the text as `slice` takes them; `replacement`
   * is what could stand there instead, where there is something.
   */
  culprits: { text: string; start: number; end: number; replacement?: string }[];
  /** What each segment holds, as many as `min`; the first 100. */
  parts: { units: number; start: number; end: number }[];
  /** How many are not listed. */
  omitted: { culprits: number; parts: number };
}

/**
 * Counts the segments of an SMS, shows where it is cut, and what makes it longer than it has to be.
 *
 * @throws {PostgateError} If the text is no string, or an option is wrong.
 *
 * @example
 * const counted = segments("Soon – at 8…");
 * counted.encoding; // "UCS-2"
 * counted.culprits[0]; // { text: "–", start: 5, end: 6, replacement: "-" }
 */
export function segments(text: string, options?: SegmentOptions): Segments;

/** How a template is rendered. An option that is not listed here is refused. */
export interface RenderOptions {
  /** The instant in RFC 3339 that the filter `date` takes for `now`. The default is the clock's. */
  now?: string;
}

/** What a template came to. */
export interface Rendered {
  /** Whether nothing was found: no mistake, and nothing that only lenient readers of Liquid take. */
  ok: boolean;
  /** The text; where it is not `ok`, what a lenient reader would make of the template, or nothing. */
  text: string;
  /**
   * What was found. `at` is empty and `span` lies in the template; or `at` is `/variables`, and `offset` counts bytes of
   * their JSON.
   */
  issues: Issue[];
}

/**
 * Renders a Liquid template as Shopify's reference implementation does, within bounded steps, memory and output.
 *
 * @param variables The template's variables: a plain object, or its JSON, in which whole numbers of 64 bits are exact.
 *
 * @throws {PostgateError} If the template is no string, the variables no object, or an option is wrong.
 *
 * @example
 * render("Hi {{ name | default: 'there' }}!", { name: "Zoë" }).text; // "Hi Zoë!"
 */
export function render(template: string, variables?: object | string, options?: RenderOptions): Rendered;

/** A place where a template uses a variable that it does not give a value itself. */
export interface TemplateVariable {
  /** The name at the root. */
  name: string;
  /** The whole way into it as it is written, such as `person.name`. */
  path: string;
  /** Where it begins, as `slice` takes it. */
  start: number;
  /** Where it ends. */
  end: number;
  /** Whether it is put out, decides what is, bounds a loop, gives another variable its value, or is an argument. */
  use: "output" | "condition" | "loop" | "assign" | "argument";
  /** Whether the filter `default` stands behind it. */
  default: boolean;
}

/**
 * Lists the variables that a Liquid template uses, each time it does.
 *
 * @throws {PostgateError} If the template is no string.
 *
 * @example
 * variables("Hi {{ name }}!").variables.map(({ name }) => name); // ["name"]
 */
export function variables(template: string): {
  /** Whether the template can be rendered; there are no variables where it cannot. */
  ok: boolean;
  /** In the order of the text. */
  variables: TemplateVariable[];
  /** As {@link render} has them, without those that show only when rendering. */
  issues: Issue[];
};

/** How a phone number is read. An option that is not listed here is refused. */
export interface PhoneOptions {
  /** As {@link Options.defaultRegion}. */
  defaultRegion?: string;
}

/** A phone number, judged as that of somebody who gets texts. */
export interface Phone {
  /** Whether it can be sent to: there is no error. */
  ok: boolean;
  /** The number as the API wants it, such as `+14155550132`; null if it can be none. */
  e164: string | null;
  /** Two capitals; null where the number is no country's, or not known. */
  region: string | null;
  /** What kind of line it belongs to. */
  type: PhoneType | null;
  /** As a recipient's address would have them; `at` is empty. */
  issues: Issue[];
}

/** Kinds of lines, as libphonenumber tells them apart. */
export type PhoneType =
  | "premium-rate"
  | "toll-free"
  | "shared-cost"
  | "voip"
  | "personal-number"
  | "pager"
  | "uan"
  | "voicemail"
  | "fixed-line"
  | "mobile"
  | "fixed-line-or-mobile"
  | "unknown";

/**
 * Reads a phone number as people write it, and judges it.
 *
 * @throws {PostgateError} If the number is no string, or an option is wrong.
 *
 * @example
 * phone("(415) 555-0132", { defaultRegion: "US" }).e164; // "+14155550132"
 */
export function phone(address: string, options?: PhoneOptions): Phone;

/** Sentences by code, as they stand in this package's `sentences.js`: `{limit}` and the like are an issue's params. */
export type Sentences = Partial<Record<IssueCode, string>>;

/**
 * What is wrong and what would be right: in English, or as `sentences` says it, which may be another language, or name
 * things as a page does.
 *
 * @throws {PostgateError} If it is no issue.
 *
 * @example
 * check("{").issues.map(sentence); // ["The JSON ends too early: expected a name or }."]
 * sentence({ code: "recipient/none", params: {} }, { "recipient/none": "Choose a file first." }); // "Choose a file first."
 */
export function sentence(issue: Pick<Issue, "code" | "params">, sentences: Sentences): string;
export function sentence(issue: Pick<Issue, "code" | "params">): string;

/**
 * The issue as people count recipients who wrote them as a table or a list: one that names another recipient, such as
 * the first of two that are the same, names it by the number that `row` has for its place in `to`, if it has one.
 *
 * @example
 * const { verdict, row } = await checkStream(() => file.stream(), { table: true });
 * verdict.issues.map((issue) => sentence(inRows(issue, row)));
 */
export function inRows<Known extends Pick<Issue, "code" | "params">>(
  issue: Known,
  row: (index: number) => number | undefined,
): Known;

/**
 * The judgement as a Standard Schema, for form libraries: see https://standardschema.dev. Its value is the request,
 * normalized; its issues are the errors, a field that is missing at its own path. What is no object has an issue, too.
 *
 * @typeParam Value The type of the requests, where the compiler shall hold a form to one.
 *
 * @throws {PostgateError} `validate`, as {@link check}; so a value with a `BigInt` is misuse, and no issue.
 *
 * @example
 * const result = schema({ defaultRegion: "US" })["~standard"].validate({
 *   to: [{ address: "415", channel: "PHONE" }],
 *   content: { text: "Your table is ready." },
 * });
 * result.issues?.[0]?.path; // ["to", 0, "address"]
 */
export function schema<Value = any>(options?: Options): StandardSchema<Value>;

/** Version 1 of the Standard Schema, as far as a schema of requests has it. */
export interface StandardSchema<Value> {
  readonly "~standard": {
    readonly version: 1;
    readonly vendor: "postgate";
    readonly validate: (
      value: unknown,
    ) =>
      | { readonly value: Value; readonly issues?: undefined }
      | { readonly issues: readonly { readonly message: string; readonly path: readonly PropertyKey[] }[] };
    /** Only for the compiler. */
    readonly types?: { readonly input: Value; readonly output: Value } | undefined;
  };
}

/** Why a call could not be made. A request that is wrong is never a reason. */
export type PostgateErrorCode =
  /** `init` was not awaited, which a page has to do, or could not load the module; `cause` has the reason. */
  | "not-initialized"
  /**
   * The input is neither a `Uint8Array`, a string nor a plain object, or no string where one is needed; an object that
   * cannot be written as JSON, or bytes whose buffer was transferred.
   */
  | "invalid-input"
  /** The input has 4 GiB or more. One that is merely above the limits gets a verdict. */
  | "input-too-large"
  /** The input lies in shared memory and was written to while it was read. */
  | "input-changed"
  /** There is no option of this name here; the message lists those that there are. */
  | "unknown-option"
  /** The option cannot have this value. */
  | "invalid-option"
  /** There is no memory for the batches. */
  | "out-of-memory"
  /** The checker has come to its end, or was disposed of. */
  | "checker-done"
  /** The module has stopped since, and what a checker had read is gone. */
  | "instance-lost"
  /** The module stopped; `cause` has the reason. The next call gets a new instance, nothing is to be done. */
  | "trap";

/**
 * What this package throws.
 *
 * @example
 * try {
 *   check(request, { limits: "none" as never });
 * } catch (error) {
 *   if (error instanceof PostgateError) error.code; // "invalid-option"
 * }
 */
export class PostgateError extends Error {
  constructor(code: PostgateErrorCode, message: string, options?: { cause?: unknown });
  readonly code: PostgateErrorCode;
}
