// What one recipient reads, as it appears.

import { channelName, count, paint, plain } from "./terminal.js";

/** Prints what is read over one channel. */
export function printMessage({ channel, text, characters, segments, media, module, template, atLeast }) {
  const told = [paint("ok", channelName(channel))];
  if (segments !== undefined) {
    const { min, max } = segments.segments;
    told.push(min === max ? count(max, "segment") : `${min} to ${max} segments`, segments.encoding);
  }
  if (characters !== undefined) told.push(count(characters, "character"));
  if (atLeast) told.push("at least: some of it is known only to the service");
  console.log(told.join("  "));
  if (text) block(text);
  if (media !== undefined) media.forEach((url) => block(url, "media"));
  if (template !== undefined) {
    block(template.contentId, "template");
    for (const [name, value] of Object.entries(template.variables)) block(String(value), name);
  }
  if (module !== undefined) printModule(channel, module);
}

/** A module's parts, in the order in which they are seen; of one whose form is not known, its JSON. */
function printModule(channel, module) {
  if (channel !== "rcs") return block(JSON.stringify(module, null, 2));
  const { text, media, richCard, suggestions } = module;
  content({ description: text, media, suggestions });
  const cards = richCard?.carouselCard?.cardContents ?? [richCard?.standaloneCard?.cardContent];
  for (const [index, card] of cards.filter(Boolean).entries()) {
    block(richCard.carouselCard === undefined ? "" : String(index + 1), "card");
    content(card);
  }
}

function content({ title, description, media, suggestions = [] }) {
  if (title !== undefined) block(title, "title");
  if (description !== undefined) block(description);
  if (media !== undefined) block(media.contentInfo.fileUrl, "media");
  for (const { reply, action } of suggestions) block((reply ?? action).text, reply === undefined ? "action" : "reply");
}

/** A text with its lines as they are, each moved to the right; what it is stands in front, if it is not the text. */
function block(text, name) {
  const label = name === undefined ? "" : `${paint("dim", `${plain(name)}:`)} `;
  text.split(/\r\n|[\r\n\u2028\u2029]/).forEach((line, index) => console.log(`  ${index === 0 ? label : ""}${plain(line)}`));
}
