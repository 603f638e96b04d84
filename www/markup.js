// Elements, numbers and words, as the page writes them.

const format = new Intl.NumberFormat("en");

/** An element with these properties and children. */
export function element(name, properties = {}, ...children) {
  const out = Object.assign(document.createElement(name), properties);
  out.append(...children);
  return out;
}

/** A button that does something else than to send. */
export function button(properties, onclick) {
  const out = element("button", { type: "button", ...properties });
  out.addEventListener("click", onclick);
  return out;
}

/** A number as it is read. */
export function counted(number) {
  return format.format(number);
}

/** So many of something. */
export function several(number, one, many = `${one}s`) {
  return `${counted(number)} ${number === 1 ? one : many}`;
}

/** From so many to so many. */
export function ranged({ min, max }) {
  return min === max ? counted(max) : `${counted(min)} to ${counted(max)}`;
}

/** Writes a text where it differs: what is written again is read out again. */
export function write(place, text) {
  if (place.textContent !== text) place.textContent = text;
}
