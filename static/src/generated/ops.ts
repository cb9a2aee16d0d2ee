/** Made by `python -m app.ops.page` from the operator catalogue: how the page computes elementwise operators. */

/** x^y as C has it: 1 to any power, and −1 to an infinite one, are 1. */
const power = (x: number, y: number): number =>
	x === 1 || (x === -1 && Math.abs(y) === Number.POSITIVE_INFINITY) ? 1 : x ** y;

/** The remainder with the sign of the divisor. */
const mod = (x: number, y: number): number => {
	const rest = x % y;
	return rest !== 0 && rest < 0 !== y < 0 ? rest + y : rest === 0 && y < 0 ? -0 : rest;
};

/** ⌊x/y⌋ as Python has it: by the exact remainder, so that 1 // 0.1 is 9. */
const floordiv = (x: number, y: number): number => {
	if (y === 0) return x / y;
	const rest = x % y;
	const times = (x - rest) / y - (rest !== 0 && rest < 0 !== y < 0 ? 1 : 0);
	const low = Math.floor(times);
	return times - low > 0.5 ? low + 1 : low;
};

/** The nearest whole number, a half to the even one. */
const round = (x: number): number => {
	const low = Math.floor(x);
	const rest = x - low;
	return rest < 0.5 || (rest === 0.5 && low % 2 === 0) ? low : rest >= 0.5 ? Math.ceil(x) : x;
};

const clip = (x: number, lo = Number.NEGATIVE_INFINITY, hi = Number.POSITIVE_INFINITY): number =>
	Math.min(Math.max(x, lo), hi);

const total = (...xs: number[]): number => xs.reduce((sum, x) => sum + x);

const relu = (x: number): number => (x <= 0 ? 0 : x);

const leaky_relu = (x: number, slope = 0.01): number => (x > 0 ? x : x * slope);

const elu = (x: number, alpha = 1): number => (x <= 0 ? alpha * Math.expm1(x) : x);

const softplus = (x: number): number => (x > 20 ? x : Math.log1p(Math.exp(x)));

const logaddexp = (x: number, y: number): number =>
	x === y ? x + Math.LN2 : Math.max(x, y) + Math.log1p(Math.exp(-Math.abs(x - y)));

const polynomial = (coefficients: readonly number[],
                    s: number): number => coefficients.reduceRight((sum, c) => sum * s + c, 0);

const ratio = (table: readonly [readonly number[], readonly number[]], s: number): number =>
	polynomial(table[0], s) / polynomial(table[1], s);

/** The error function, by the approximations of FreeBSD's msun (Sun, 1993). */
const erf = (x: number): number => {
	const size = Math.abs(x);
	if (size < 0.84375) return x + x * ratio(SMALL, x * x);
	if (size < 1.25) return Math.sign(x) * (NEAR_ONE + ratio(MIDDLE, size - 1));
	if (!(size < 6)) return size >= 6 ? Math.sign(x) : x;
	const z = Math.fround(size);
	const far = ratio(size < 1 / 0.35 ? FAR : FARTHER, 1 / (size * size));
	return Math.sign(x) * (1 - (Math.exp(-z * z - 0.5625) * Math.exp((z - size) * (z + size) + far)) / size);
};

const NEAR_ONE = 0.8450629115104675;
const SMALL: readonly [readonly number[], readonly number[]] = [[0.12837916709551256, -0.3250421072470015, -0.02848174957559851, -0.005770270296489442, -2.3763016656650163e-05], [1.0, 0.39791722395915535, 0.0650222499887673, 0.005081306281875766, 0.00013249473800432164, -3.960228278775368e-06]];
const MIDDLE: readonly [readonly number[], readonly number[]] = [[-0.0023621185607526594, 0.41485611868374833, -0.3722078760357013, 0.31834661990116175, -0.11089469428239668, 0.035478304325618236, -0.002166375594868791], [1.0, 0.10642088040084423, 0.540397917702171, 0.07182865441419627, 0.12617121980876164, 0.01363708391202905, 0.011984499846799107]];
const FAR: readonly [readonly number[], readonly number[]] = [[-0.009864944034847148, -0.6938585727071818, -10.558626225323291, -62.375332450326006, -162.39666946257347, -184.60509290671104, -81.2874355063066, -9.814329344169145], [1.0, 19.651271667439257, 137.65775414351904, 434.56587747522923, 645.3872717332679, 429.00814002756783, 108.63500554177944, 6.570249770319282, -0.0604244152148581]];
const FARTHER: readonly [readonly number[], readonly number[]] = [[-0.0098649429247001, -0.799283237680523, -17.757954917754752, -160.63638485582192, -637.5664433683896, -1025.0951316110772, -483.5191916086514], [1.0, 30.33806074348246, 325.7925129965739, 1536.729586084437, 3199.8582195085955, 2553.0504064331644, 474.52854120695537, -22.44095244658582]];

export const OPS: Record<string, (...a: number[]) => number> = {
	abs: (a) => Math.abs(a!),
	acos: (a) => Math.acos(a!),
	acosh: (a) => Math.acosh(a!),
	add: (a, b) => (a! + b!),
	add_n: (...a) => total(...a),
	and: (a, b) => ((a! !== 0 && b! !== 0) ? 1 : 0),
	asin: (a) => Math.asin(a!),
	asinh: (a) => Math.asinh(a!),
	atan: (a) => Math.atan(a!),
	atan2: (a, b) => Math.atan2(a!, b!),
	atanh: (a) => Math.atanh(a!),
	ceil: (a) => Math.ceil(a!),
	clip: (...a) => clip(...(a as [number])),
	cos: (a) => Math.cos(a!),
	cosh: (a) => Math.cosh(a!),
	div: (a, b) => (a! / b!),
	elu: (...a) => elu(...(a as [number])),
	eq: (a, b) => ((a! === b!) ? 1 : 0),
	erf: (a) => erf(a!),
	exp: (a) => Math.exp(a!),
	expm1: (a) => Math.expm1(a!),
	floor: (a) => Math.floor(a!),
	floordiv: (a, b) => floordiv(a!, b!),
	ge: (a, b) => ((a! >= b!) ? 1 : 0),
	gelu: (a) => (0.5 * a! * (1 + erf(a! * 0.7071067811865476))),
	gt: (a, b) => ((a! > b!) ? 1 : 0),
	hypot: (a, b) => Math.hypot(a!, b!),
	identity: (a) => a!,
	le: (a, b) => ((a! <= b!) ? 1 : 0),
	leaky_relu: (...a) => leaky_relu(...(a as [number])),
	log: (a) => Math.log(a!),
	log10: (a) => Math.log10(a!),
	log1p: (a) => Math.log1p(a!),
	log2: (a) => Math.log2(a!),
	logaddexp: (a, b) => logaddexp(a!, b!),
	lt: (a, b) => ((a! < b!) ? 1 : 0),
	maximum: (...a) => Math.max(...a),
	minimum: (...a) => Math.min(...a),
	mod: (a, b) => mod(a!, b!),
	mul: (a, b) => (a! * b!),
	ne: (a, b) => ((a! !== b!) ? 1 : 0),
	neg: (a) => (-a!),
	not: (a) => ((a! === 0) ? 1 : 0),
	or: (a, b) => ((a! !== 0 || b! !== 0) ? 1 : 0),
	pow: (a, b) => power(a!, b!),
	reciprocal: (a) => (1 / a!),
	relu: (a) => relu(a!),
	round: (a) => round(a!),
	rsqrt: (a) => (1 / Math.sqrt(a!)),
	sigmoid: (a) => (1 / (1 + Math.exp(-a!))),
	sign: (a) => Math.sign(a!),
	silu: (a) => (a! / (1 + Math.exp(-a!))),
	sin: (a) => Math.sin(a!),
	sinh: (a) => Math.sinh(a!),
	softplus: (a) => softplus(a!),
	sqrt: (a) => Math.sqrt(a!),
	square: (a) => (a! * a!),
	stop_gradient: (a) => a!,
	sub: (a, b) => (a! - b!),
	tan: (a) => Math.tan(a!),
	tanh: (a) => Math.tanh(a!),
	where: (a, b, c) => (a! !== 0 ? b! : c!),
};
