// Sentences that name things as the form does, and not by the package's options.

export default {
  "address/needs-region": "A number without its country; expected + and the country code in front, or a default country.",
};
