// What matches the words in the search box. The server searches (it knows the texts); mail that
// comes in meanwhile is asked about in bundles. It tells `change`; with `anew` it is another list.

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
    answered = false; // there is something to show
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

    // What was found before is shown until the answer is there.
    set(query) {
        this.query = query.trim();
        this.#asking?.abort();
        this.#asking = null;
        if (this.active) {
            this.#ask({}, true);
        } else {
            this.answered = false;
            this.#clear();
        }
        this.#tell(!this.active);
    }

    #clear() {
        this.ids = [];
        this.matching = 0;
        this.#found.clear();
    }

    // The store has changed: something was deleted, or there is something new to ask about.
    #follow() {
        if (!this.answered) {
            return;
        }
        for (const id of this.ids.filter((each) => this.#isGone(each))) {
            removeFrom(this.ids, id);
            this.#found.delete(id);
            this.matching -= 1;
        }
        this.#more();
        this.#tell(false);
    }

    // The store may hold only the newest: about older ones it does not know.
    #isGone(id) {
        const {ids, total} = this.#store;
        const isHeld = ids.length >= total || id >= ids[0];
        return isHeld && this.#store.get(id) === undefined;
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
            if (anew) {
                this.#clear();
                this.answered = true;
            }
            this.failed = null;
            this.#covered = Math.max(newest, answer.messages[0]?.id ?? 0);
            this.matching += answer.matching;
            for (const summary of answer.messages.reverse()) {
                this.#found.set(summary.id, summary);
                insertInto(this.ids, summary.id);
            }
        } catch (error) {
            if (asking.signal.aborted) {
                return;
            }
            this.failed = error.message;
            if (anew) {
                this.#clear();
                this.answered = true;
            }
        }
        this.#asking = null;
        this.#tell(anew);
        if (this.failed === null) {
            this.#more();
        }
    }

    #tell(anew) {
        this.dispatchEvent(new CustomEvent('change', {detail: {anew}}));
    }
}
