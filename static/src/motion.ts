/** Whether things may move: what the reader asked of the system. */

const asked = typeof matchMedia === "function" ? matchMedia("(prefers-reduced-motion: reduce)") : null;

export const still = (): boolean => asked?.matches ?? false;
