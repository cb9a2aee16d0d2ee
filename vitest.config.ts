import { defineConfig } from "vitest/config";

export default defineConfig({
	define: { KATEX_STYLES: '"vendor/katex/katex.min.css"' },
	test: {
		// A test stands beside its file, or, where it reads what Python reads too, in tests/.
		include: ["static/src/**/*.test.ts", "tests/**/*.test.ts"],
		environment: "jsdom",
		restoreMocks: true,
		unstubGlobals: true,
	},
});
