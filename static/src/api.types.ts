/**
 * The answers of the API by the page's names for them. What they hold is generated from the API's own description by
 * scripts/api_types.py; added by hand is only what that leaves open: a drawing's marks, a tape, what an input may be.
 */

import type { components } from "./generated/api";

type Schemas = components["schemas"];
/** The same, with another type for some of its fields. */
type With<T, Changed> = Omit<T, keyof Changed> & Readonly<Changed>;

export type Tensor = Schemas["Tensor"];
export type Value = Schemas["InputAnswer"]["value"];
/** A number; the three that JSON lacks come as words. */
export type Exact = Exclude<Value, Tensor>;
/** An input's value as a person or a request gives it: a number, a word for one that JSON lacks, or nested rows. */
export type Given = Exact | readonly Given[];

export type Span = Schemas["Span"];
export type Box = Schemas["BoxAnswer"];
export type Diagnostic = Schemas["Said"];
export type GraphNode = With<Schemas["NodeAnswer"], { readonly kind: "input" | "constant" | "op" | "group" }>;
export type GraphEdge = Schemas["EdgeAnswer"];
export type GraphGroup = Schemas["GroupAnswer"];
export type GraphInput = Schemas["InputAnswer"];
export type GraphParameter = Schemas["ParameterAnswer"];

export interface Mark {
	readonly key: string;
	readonly tag: string;
	readonly attributes?: Readonly<Record<string, string | number>>;
	readonly text?: string | null;
	readonly children?: readonly Mark[];
}
export type Scene = With<Schemas["SceneAnswer"], { readonly marks: readonly Mark[] }>;

/** Forward and backward as one flat list of elementwise operators over numbered slots. */
export interface Tape {
	readonly inputs: Readonly<Record<string, number>>;
	readonly constants: readonly (readonly [number, Exact])[];
	/** `[operator, out, in, …]` */
	readonly steps: readonly (readonly [string, number, ...number[]])[];
	readonly values: Readonly<Record<string, number | null>>;
	readonly grads: Readonly<Record<string, number | null>>;
	readonly edge_grads: Readonly<Record<string, number | null>>;
	readonly edge_values?: Readonly<Record<string, number | null>>;
	/** The parts of which a node's gradient is the sum, in the order in which the drawing names them. */
	readonly sums?: Readonly<Record<string, readonly number[]>>;
	readonly seed: number;
	readonly output: number;
	readonly slots: number;
}

export type Answer = With<
	Schemas["GraphAnswer"],
	{ readonly nodes: readonly GraphNode[]; readonly scene?: Scene | null; readonly tape?: Tape | null }
>;
export type NumbersAnswer = Schemas["NumbersAnswer"];
/** Why a node's gradient is what it is. */
export type Explanation = Pick<Schemas["ValueAnswer"], "doc" | "latex" | "latex_numbers" | "sum" | "convention">;
export type PathsAnswer = Schemas["PathsAnswer"];
export type FlowAnswer = Schemas["FlowAnswer"];
export type Row = readonly Exact[];
/** Over a grid `x` is a pair of rows, `value` a row for each of the second's. */
export type SweepAnswer = With<
	Schemas["SweepAnswer"],
	{ readonly x: Row | readonly [Row, Row]; readonly value: Row | readonly Row[] }
>;
export type GradcheckAnswer = Schemas["GradcheckAnswer"];
export type StepAnswer = Schemas["StepAnswer"];
export type LinkMade = Schemas["LinkMade"];
export type OpEntry = Schemas["OperatorAnswer"];
export type Example = With<Schemas["Example"], { readonly inputs: Readonly<Record<string, Given>> }>;
/** RFC 9457; of what no server answered, only what the page can tell. */
export type Problem = Partial<Schemas["Problem"]> & Pick<Schemas["Problem"], "status" | "title">;
