/** What this package throws; findings about a request are returned. */
export class PostgateError extends Error {
  constructor(code, message, options) {
    super(message, options);
    this.name = "PostgateError";
    this.code = code;
  }
}
