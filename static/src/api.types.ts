/** The answers of the API, as far as the page reads them. */

/** A number; the three that JSON lacks come as words. */
export type Exact = number | "NaN" | "Infinity" | "-Infinity";

export interface Tensor {
	readonly shape: readonly number[];
	/** Row-major; left out where there are more than `max_elements`. */
	readonly data?: readonly Exact[];
	readonly min: Exact | null;
	readonly max: Exact | null;
	readonly mean: Exact | null;
	readonly norm: Exact | null;
}

export type Value = Exact | Tensor;

/** From 1, in code points, the end exclusive. */
export interface Span {
	readonly line: number;
	readonly column: number;
	readonly end_line: number;
	readonly end_column: number;
}

export interface Box {
	readonly x: number;
	readonly y: number;
	readonly width: number;
	readonly height: number;
}

export interface Diagnostic {
	readonly code: string;
	readonly message: string;
	readonly span?: Span | null;
	readonly spans?: readonly Span[];
	readonly hint?: string | null;
}

export interface GraphNode {
	readonly id: string;
	readonly op: string;
	readonly kind: "input" | "constant" | "op" | "group";
	readonly label: string;
	readonly names: readonly string[];
	readonly shape: readonly number[] | null;
	readonly value: Value | null;
	readonly grad: Value | null;
	readonly span?: Span | null;
	readonly spans?: readonly Span[];
	readonly group?: string | null;
	readonly assumed?: boolean;
	readonly reached?: boolean;
	readonly repeat?: number;
	readonly detail?: string;
	/** With `include=layout`: its box, and those of its own texts. */
	readonly x?: number;
	readonly y?: number;
	readonly width?: number;
	readonly height?: number;
	readonly value_box?: Box | null;
	readonly grad_box?: Box | null;
	readonly sum_box?: Box | null;
	/** With `include=explain`. */
	readonly doc?: string | null;
	readonly latex?: readonly (string | null)[] | null;
	readonly latex_numbers?: readonly (string | null)[] | null;
	readonly sum?: string | null;
	readonly convention?: string | null;
	/** In an answer of `/forward` and of `/backward`. */
	readonly tangent?: Value | null;
	readonly of?: string | null;
}

export interface GraphEdge {
	readonly id: string;
	readonly source: string;
	readonly target: string;
	readonly slot: number;
	readonly value: Value | null;
	readonly grad: Value | null;
	readonly local?: Exact | null;
	readonly points?: readonly (readonly [number, number])[];
	readonly path?: string;
	readonly value_box?: Box | null;
	readonly grad_box?: Box | null;
	readonly tangent?: Value | null;
}

export interface GraphGroup {
	readonly id: string;
	readonly label: string;
	readonly parent: string | null;
	readonly collapsed: boolean;
	readonly nodes?: readonly string[];
	readonly span?: Span | null;
	readonly frame?: Box | null;
}

export interface GraphInput {
	readonly name: string;
	readonly node: string;
	readonly shape: readonly number[];
	readonly value: Value;
	readonly grad: Value | null;
	readonly assumed: boolean;
}

export interface GraphParameter {
	readonly name: string;
	readonly value: number | readonly number[];
}

export interface Mark {
	readonly key: string;
	readonly tag: string;
	readonly attributes?: Readonly<Record<string, string | number>>;
	readonly text?: string | null;
	readonly children?: readonly Mark[];
}

export interface Scene extends Box {
	readonly marks: readonly Mark[];
	readonly title?: string;
	readonly description?: string;
}

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

export interface Answer {
	readonly nodes: readonly GraphNode[];
	readonly edges: readonly GraphEdge[];
	readonly groups: readonly GraphGroup[];
	readonly inputs: readonly GraphInput[];
	readonly parameters: readonly GraphParameter[];
	readonly output: { readonly node: string; readonly shape: readonly number[]; readonly value: Value | null; readonly seed: Value | null } | null;
	readonly warnings: readonly Diagnostic[];
	readonly notes: readonly Diagnostic[];
	readonly errors?: readonly Diagnostic[];
	readonly url: string | null;
	readonly cost?: Readonly<Record<string, number>>;
	readonly bounds?: Box;
	readonly scene?: Scene | null;
	readonly tape?: Tape | null;
}

/** What changes when an input does. */
export interface NumbersAnswer {
	readonly values: Readonly<Record<string, Value | null>>;
	readonly grads: Readonly<Record<string, Value | null>>;
	readonly edge_grads: Readonly<Record<string, Value | null>>;
	readonly output: Value | null;
}

export interface OpEntry {
	readonly name: string;
	readonly aliases: readonly string[];
	readonly signature: string;
	readonly doc: string;
	readonly latex?: string | null;
	readonly conventions?: readonly string[] | string | null;
	readonly example?: string | null;
}

export interface Example {
	readonly name: string;
	readonly title: string;
	readonly source: string;
	readonly inputs?: Readonly<Record<string, Given>>;
	readonly doc?: string;
}

/** An input's value as a person or a request gives it: a number, a word for one that JSON lacks, or nested rows. */
export type Given = Exact | readonly Given[];

export interface GradcheckRow {
	readonly name: string;
	readonly grad: Value | null;
	readonly difference: Value | null;
	readonly error: Exact | null;
	readonly ok: boolean;
	readonly kink: boolean | string | null;
}

export interface GradcheckAnswer {
	readonly ok: boolean;
	readonly inputs: readonly GradcheckRow[];
}

/** RFC 9457. */
export interface Problem {
	readonly type?: string;
	readonly title: string;
	readonly status: number;
	readonly detail?: string;
	readonly errors?: readonly Diagnostic[];
}
