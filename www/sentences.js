// Sentences that name things as the form does, and not by the package's options.

export default {
  "content/empty": "The message is empty; write a text, or give media or a template.",
  "address/needs-region": "The number has no country code; expected + and the country code first, or a default country.",
};
