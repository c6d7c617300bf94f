// What matches the words in the search box. The server searches (it knows the texts); mail that comes
// in meanwhile is asked about in bundles.

import {listMessages} from './api.js';
import {atMostEvery} from './schedule.js';
import {insertInto, removeFrom} from './store.js';

const MOST = 5000;
const PAUSE_MS = 250;

export class Search extends EventTarget {
    query = '';
    ids = [];
    matching = 0;
    failed = null;
    #store;
    #found = new Map();
    #covered = 0; // messages up to this one have been asked about
    #asking = null;
    #more = atMostEvery(PAUSE_MS, () => this.#askAboutNew());

    constructor(store) {
        super();
        this.#store = store;
        store.addEventListener('change', () => this.#follow());
    }

    get active() {
        return this.query !== '';
    }

    get busy() {
        return this.#asking !== null;
    }

    get(id) {
        return this.#store.get(id) ?? this.#found.get(id);
    }

    set(query) {
        this.query = query.trim();
        this.ids = [];
        this.matching = 0;
        this.#found.clear();
        this.#asking?.abort();
        this.#asking = null;
        if (this.active) {
            this.#ask({}, true);
        } else {
            this.#tell();
        }
    }

    // The store has changed: something was deleted, or there is something new to ask about.
    #follow() {
        if (!this.active) {
            return;
        }
        const oldest = this.#store.ids[0] ?? Infinity;
        for (const id of [...this.ids]) {
            if (id >= oldest ? !this.#store.get(id) : this.#store.ids.length === 0) {
                removeFrom(this.ids, id);
                this.#found.delete(id);
                this.matching -= 1;
            }
        }
        this.#more();
        this.#tell();
    }

    #askAboutNew() {
        const newest = this.#store.ids.at(-1) ?? 0;
        if (this.active && this.#asking === null && newest > this.#covered) {
            this.#ask({after: this.#covered}, false);
        }
    }

    async #ask(parameters, anew) {
        const asking = new AbortController();
        const newest = this.#store.ids.at(-1) ?? 0;
        this.#asking = asking;
        try {
            const answer = await listMessages(
                {query: this.query, limit: MOST, ...parameters}, asking.signal);
            this.failed = null;
            this.#covered = Math.max(newest, answer.messages[0]?.id ?? 0);
            this.matching = anew ? answer.matching : this.matching + answer.matching;
            for (const summary of answer.messages.reverse()) {
                this.#found.set(summary.id, summary);
                insertInto(this.ids, summary.id);
            }
        } catch (error) {
            if (asking.signal.aborted) {
                return;
            }
            this.failed = error.message;
        }
        this.#asking = null;
        this.#tell();
        if (this.failed === null) {
            this.#more();
        }
    }

    #tell() {
        this.dispatchEvent(new Event('change'));
    }
}
