/** The range and the step of a slider, from the value that it begins with: round numbers around zero. */

export interface SliderRange {
	readonly low: number;
	readonly high: number;
	readonly step: number;
}

/** 1, 2 or 5 times a power of ten, at least x. */
export function roundUp(x: number): number {
	const power = 10 ** Math.floor(Math.log10(x));
	for (const digit of [1, 2, 5]) if (digit * power >= x) return digit * power;
	return 10 * power;
}

export function rangeFor(value: number): SliderRange {
	const far = Number.isFinite(value) && value !== 0 ? roundUp(Math.abs(value) * 1.25) : 5;
	const reach = Math.max(far, Math.abs(value) > 0 && Math.abs(value) < 0.01 ? far : 1);
	const wide = reach <= 1 && Math.abs(value) >= 0.01 ? 2 : reach < 5 && reach >= 1 ? 5 : reach;
	return { low: -wide, high: wide, step: wide / 200 };
}

/** `x` on a grid of `step`, without the dust of binary fractions. */
export function onGrid(x: number, step: number): number {
	const digits = Math.max(0, Math.min(15, Math.ceil(-Math.log10(step)) + 1));
	return Number((Math.round(x / step) * step).toFixed(digits));
}
