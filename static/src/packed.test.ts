import { expect, test } from "vitest";
import kept from "../../tests/golden/packed.json";
import type { Answer } from "./api.types";
import { isPacked, type Packed, pointsOf, unpacked } from "./packed";

const cases = kept as unknown as readonly { readonly answer: Answer; readonly packed: Packed }[];

test.for(cases)("a packed answer is told from a plain one", ({ answer, packed }) => {
	expect([isPacked(packed), isPacked(answer)]).toEqual([true, false]);
});

test.for(cases)("what is unpacked is the answer that was packed", ({ answer, packed }) => {
	const { edges, ...rest } = unpacked(packed);
	const { edges: wanted, ...others } = answer;
	expect(rest).toEqual(others);
	expect(edges.map((edge) => ({ ...edge }))).toEqual(wanted.map(({ points: _, ...edge }) => edge));
});

test.for(cases)("a wire's points lie where its path goes", ({ answer, packed }) => {
	for (const [i, { points }] of unpacked(packed).edges.entries()) {
		const wanted = answer.edges[i]?.points ?? [];
		expect(points?.[0]).toEqual(wanted[0]);
		expect(points?.at(-1)).toEqual(wanted.at(-1));
	}
});

test("a curve becomes pieces that stay on it", () => {
	const points = pointsOf("M0 0C0 10 20 10 20 0H30V-5");
	expect(points.slice(-2)).toEqual([
		[30, 0],
		[30, -5],
	]);
	expect(points[5]).toEqual([10, 7.5]);
});
