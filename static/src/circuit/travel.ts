/** Takes attributes from where they are to where they belong, all in one movement. */

import { interpolateString } from "d3-interpolate";
import { select } from "d3-selection";
import "d3-transition";
import { still } from "../motion";
import type { Move } from "./join";

const DURATION = 280;
/** Beyond this many the frames would be late: they are set at once. */
const MOST = 1_500;

const NUMBER = /-?\d+(?:\.\d+)?(?:e[-+]?\d+)?/gi;
const form = (text: string): string => text.replace(NUMBER, "#");

const put = ({ element, attribute, to }: Move): void => element.setAttribute(attribute, to);

/** Puts attributes where they belong at once. */
export function settle(root: SVGSVGElement, moves: readonly Move[]): void {
	arrive(root);
	moves.forEach(put);
}

/** Ends what still travels in `root`, at its end. */
export function arrive(root: SVGSVGElement): void {
	const travelling = under.get(root);
	if (!travelling) return;
	select(root).interrupt("travel");
	under.delete(root);
	travelling.forEach(put);
}

const under = new WeakMap<SVGSVGElement, readonly Move[]>();

export function travel(root: SVGSVGElement, moves: readonly Move[]): void {
	arrive(root);
	const alike = still() || moves.length > MOST ? [] : moves.filter(({ from, to }) => form(from) === form(to));
	const moving = new Set(alike);
	for (const move of moves) if (!moving.has(move)) put(move);
	if (alike.length === 0) return;
	under.set(root, alike);
	const steps = alike.map(({ element, attribute, from, to }) => {
		const between = interpolateString(from, to);
		return (t: number) => element.setAttribute(attribute, between(t));
	});
	select(root)
		.transition("travel")
		.duration(DURATION)
		.tween("places", () => (t: number) => {
			for (const step of steps) step(t);
		})
		.on("end", () => arrive(root));
}
