// Builds static/dist from static/src: every file in entries/ is an entry, every name carries its content's hash,
// and manifest.json says which file an entry became ({"page.js": "page-ABC123.js"}).

import { createHash } from "node:crypto";
import { cp, mkdir, readdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { basename, dirname, extname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { brotliCompressSync } from "node:zlib";
import { build } from "esbuild";

const here = dirname(fileURLToPath(import.meta.url));
const root = dirname(here);
const entries = join(here, "src", "entries");
const target = join(here, "dist");
// Filled beside its place and moved there whole, so that a server never finds half a page.
const fresh = join(here, `.dist-${process.pid}`);

// What is served as its makers wrote it. The folder carries the version, so these may be cached for ever too.
const VENDORED = [
	{ name: "katex", folder: "dist", files: /^(katex\.min\.css|fonts\/.*\.woff2)$/ },
	{ name: "swagger-ui-dist", folder: ".", files: /^(swagger-ui\.css|swagger-ui-bundle\.js)$/ },
];

/** @param {string} name */
const packageOf = async (name) => JSON.parse(await readFile(join(root, "node_modules", name, "package.json"), "utf8"));

/** @param {string} folder */
async function filesUnder(folder) {
	try {
		const found = await readdir(folder, { recursive: true, withFileTypes: true });
		return found
			.filter((entry) => entry.isFile())
			.map((entry) => join(entry.parentPath, entry.name))
			.sort();
	} catch (error) {
		if (error.code === "ENOENT") return [];
		throw error;
	}
}

/** Copies the vendored files; answers their names in the manifest: `katex/katex.min.css` to `vendor/katex-1.2.3/katex.min.css`. */
async function vendor() {
	/** @type {Record<string, string>} */
	const manifest = {};
	for (const { name, folder, files } of VENDORED) {
		const { version } = await packageOf(name);
		const from = join(root, "node_modules", name, folder);
		for (const path of await filesUnder(from)) {
			const inside = path.slice(from.length + 1);
			if (!files.test(inside)) continue;
			const to = `vendor/${name}-${version}/${inside}`;
			await mkdir(dirname(join(fresh, to)), { recursive: true });
			await cp(path, join(fresh, to));
			manifest[`${name}/${inside}`] = to;
		}
	}
	return manifest;
}

/** The licences of all that is bundled, as they ask for. @param {Iterable<string>} inputs */
async function licences(inputs) {
	const names = new Set(VENDORED.map(({ name }) => name));
	for (const input of inputs) {
		const match = /node_modules\/((?:@[^/]+\/)?[^/]+)\/(?!.*node_modules\/)/.exec(input);
		if (match?.[1]) names.add(match[1]);
	}
	let text = "";
	for (const name of [...names].sort()) {
		const { version, license } = await packageOf(name);
		const files = await readdir(join(root, "node_modules", name));
		const file = files.find((each) => /^(licen[cs]e|copying)(\.|$)/i.test(each));
		const body = file ? await readFile(join(root, "node_modules", name, file), "utf8") : "";
		text += `${name} ${version} (${license})\n\n${body.trim()}\n\n${"-".repeat(80)}\n\n`;
	}
	await writeFile(join(fresh, "licences.txt"), text);
}

const vendored = await vendor();
const alone = join(entries, "standalone.ts");
const worker = join(entries, "worker.ts");
const sources = (await filesUnder(entries)).filter(
	(path) => /\.(ts|css)$/.test(path) && !/\.(d|test)\.ts$/.test(path) && path !== alone && path !== worker,
);
/** @type {import("esbuild").BuildOptions & { metafile: true }} */
const common = {
	absWorkingDir: root,
	outdir: fresh,
	bundle: true,
	target: "es2022",
	minify: true,
	metafile: true,
	legalComments: "none",
	charset: "utf8",
	entryNames: "[name]-[hash]",
	logLevel: "warning",
};
// What is written whole into a file that stands alone (app/export/html.py), so it shares no chunk with the pages.
const whole = await build({ ...common, entryPoints: [alone], format: "iife" });
const result = await build({
	...common,
	entryPoints: sources,
	splitting: true,
	format: "esm",
	chunkNames: "chunk-[hash]",
	assetNames: "[name]-[hash]",
	loader: { ".woff2": "file", ".svg": "file" },
	external: ["/static/*"],
	define: { KATEX_STYLES: JSON.stringify(vendored["katex/katex.min.css"]) },
});

/** The files that an output needs, itself among them: what it imports, what its styles name. @param {string} path */
function needed(path, kinds = ["import-statement"]) {
	const { outputs } = result.metafile;
	const found = new Set([path]);
	for (const each of found) {
		const styles = outputs[each]?.cssBundle;
		if (styles) found.add(styles);
		for (const { path: imported, kind } of outputs[each]?.imports ?? []) if (kinds.includes(kind)) found.add(imported);
	}
	return found;
}
// What a browser keeps for when there is no network: all that these pages may ever load, and KaTeX's common letters.
const letters = ["Main-Regular", "Math-Italic", "Size1-Regular", "Size2-Regular"];
const typeset = ["katex.min.css", ...letters.map((name) => `fonts/KaTeX_${name}.woff2`)];
const shell = new Set(typeset.map((name) => vendored[`katex/${name}`]));
for (const [path, { entryPoint }] of Object.entries(result.metafile.outputs)) {
	if (!/\/(page|lesson|theme|site)\.(ts|css)$/.test(entryPoint ?? "")) continue;
	for (const each of needed(path, ["import-statement", "dynamic-import", "url-token"]))
		if (!each.startsWith("/")) shell.add(basename(each));
}
// The playground's styles stand in the page itself.
for (const path of Object.keys(result.metafile.outputs))
	if (/^page-.*\.css$/.test(basename(path))) shell.delete(basename(path));
const files = [...shell].sort().map((file) => `/static/dist/${file}`);
const version = createHash("sha256").update(files.join()).digest("hex").slice(0, 12);
const kept = await build({
	...common,
	entryPoints: [worker],
	format: "iife",
	define: { SHELL: JSON.stringify(files), BUILD: JSON.stringify(version) },
});

/** @type {Record<string, string>} */
const manifest = { ...vendored };
/** @param {string} key @param {string} value */
function enter(key, value) {
	if (manifest[key]) throw new Error(`two files would be ${key}: ${manifest[key]} and ${value}`);
	manifest[key] = value;
}
const outputs = { ...result.metafile.outputs, ...whole.metafile.outputs, ...kept.metafile.outputs };
for (const [path, output] of Object.entries(outputs)) {
	const file = basename(path);
	if (output.entryPoint?.startsWith("static/src/entries/")) {
		const name = basename(output.entryPoint, extname(output.entryPoint));
		enter(`${name}${extname(path)}`, file);
		if (output.cssBundle) enter(`${name}.css`, basename(output.cssBundle));
	} else if (![".js", ".css"].includes(extname(path))) {
		// What a style sheet or a script names, fonts above all: a template may want to load it early.
		enter(file.replace(/-[A-Z0-9]{8}(?=\.)/, ""), file);
	}
}
await writeFile(join(fresh, "manifest.json"), `${JSON.stringify(manifest, Object.keys(manifest).sort(), "\t")}\n`);
await licences([...Object.keys(result.metafile.inputs), ...Object.keys(whole.metafile.inputs)]);

await rm(target, { recursive: true, force: true });
await rename(fresh, target);

// What a reader waits for: an entry with all that it imports statically.
for (const [path, output] of Object.entries(outputs)) {
	if (!output.entryPoint) continue;
	const all = [...needed(path)];
	const sizes = await Promise.all(
		all.map(async (each) => brotliCompressSync(await readFile(join(target, basename(each)))).length),
	);
	const total = sizes.reduce((sum, size) => sum + size, 0);
	console.log(`${basename(output.entryPoint)}: ${all.length} files, ${(total / 1000).toFixed(1)} kB compressed`);
}
const digest = createHash("sha256").update(JSON.stringify(manifest)).digest("hex").slice(0, 8);
console.log(`static/dist: ${Object.keys(manifest).length} entries in the manifest, ${digest}`);
