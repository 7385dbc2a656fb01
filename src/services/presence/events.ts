/** Event package of presence (rfc3856). */
export const presenceEvent = 'presence';
/** Event package of a presentity's watchers (rfc3857). */
export const watcherInfoEvent = 'presence.winfo';
