import { defineErrors } from './definition.ts';

/** Failures of message bodies: XML that is refused as an attack, documents that cannot be read. */
export const bodyErrors = defineErrors({
  BODY_XML_REFUSED: {
    text: 'The XML body is refused: {detail}.',
    fix: 'The sender has to send a plain document: no document type, no entities of its own, within the limits of size and depth.',
    severity: 'warning',
    sip: { insideStatus: 400, outsideStatus: 400 },
  },
  BODY_MALFORMED: {
    text: 'The body is malformed: {detail}.',
    fix: 'The sender has to correct its document.',
    severity: 'info',
    sip: { insideStatus: 400, outsideStatus: 400 },
  },
});
