// Sentences that name things as the form does, and not by the package's options.

export default {
  "address/needs-region": "The number has no country code; expected + and the country code first, or a default country.",
};
