/** The examples, to be chosen from a list; loading one can be undone. */

import { get, Refused } from "./api";
import type { Example } from "./api.types";
import { choose } from "./commands/palette";
import type { History } from "./history";
import { EMPTY_DOCUMENT, type Playground } from "./model";

export async function gallery(store: Playground, history: History): Promise<void> {
	try {
		const { examples } = await get<{ examples: readonly Example[] }>("/examples");
		choose(
			"Examples",
			examples.map((example) => ({
				label: example.title,
				run: () => {
					const { hide, direction } = store.peek();
					history.change(
						{
							...EMPTY_DOCUMENT,
							hide,
							direction,
							source: example.source,
							inputs: new Map(Object.entries(example.inputs ?? {})),
						},
						`example ${example.name}`,
					);
				},
			})),
		);
	} catch (error) {
		if (!(error instanceof Refused)) throw error;
		store.update({ trouble: error.message });
	}
}
