// Channels by the names that people know.

const NAMES = { sms: "SMS", mms: "MMS", rcs: "RCS", whatsapp: "WhatsApp" };

/** A channel's name; of one that is not known here, the module's. */
export function named(channel) {
  return NAMES[channel] ?? channel;
}
