// @vitest-environment node
import { expect, test } from "vitest";
import { stateWithin } from "./dropped";

const bytes = (text: string) => new TextEncoder().encode(text);

test("an SVG gives back the state that it was drawn from", async () => {
	const svg =
		'<svg><metadata id="gradwire-source">{&quot;source&quot;:&quot;a &lt; b&#92;n&amp;#39;&quot;}</metadata></svg>';
	expect(await stateWithin(bytes(svg))).toEqual({ source: "a < b\n&#39;" });
});

test("a PNG gives back the state in its text", async () => {
	const data = bytes('gradwire\0\0\0\0\0{"source":"σ"}');
	const chunk = new Uint8Array(12 + data.length);
	new DataView(chunk.buffer).setUint32(0, data.length);
	chunk.set(bytes("iTXt"), 4);
	chunk.set(data, 8);
	const png = new Uint8Array([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, ...chunk]);
	expect(await stateWithin(png)).toEqual({ source: "σ" });
});

test("another file holds no state", async () => {
	expect(await stateWithin(bytes("<svg></svg>"))).toBeNull();
	expect(await stateWithin(bytes('<metadata id="gradwire-source">{</metadata>'))).toBeNull();
});
