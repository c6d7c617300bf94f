// Which messages have been read. Kept in localStorage for one run of the server: the ids of another
// run are other messages.

import {whenQuiet} from './schedule.js';

const KEY = 'prankmock.read';

export class ReadMarks extends EventTarget {
    #started = null;
    #ids = new Set();
    #save = whenQuiet(50, () => this.#write());

    constructor() {
        super();
        window.addEventListener('pagehide', () => this.#write());
        window.addEventListener('storage', (event) => {
            if (event.key === KEY) { // another tab has read something
                this.#load();
                this.dispatchEvent(new Event('change'));
            }
        });
    }

    // Which run it is, and which messages it still keeps.
    begin(started, ids) {
        if (started !== this.#started) {
            this.#started = started;
            this.#ids = new Set();
            this.#load();
        }
        if (this.#ids.size > ids.length) { // some of them are of messages that are gone
            const kept = new Set(ids);
            this.#ids = new Set([...this.#ids].filter((id) => kept.has(id)));
        }
    }

    has(id) {
        return this.#ids.has(id);
    }

    add(ids) {
        ids.forEach((id) => this.#ids.add(id));
        this.#save();
        this.dispatchEvent(new Event('change'));
    }

    #load() {
        try {
            const saved = JSON.parse(localStorage.getItem(KEY));
            if (saved?.started === this.#started) {
                saved.ids.forEach((id) => this.#ids.add(id));
            }
        } catch {
            // no storage, or not ours: everything is unread
        }
    }

    #write() {
        if (this.#started === null) {
            return;
        }
        try {
            const ids = [...this.#ids];
            localStorage.setItem(KEY, JSON.stringify({started: this.#started, ids}));
        } catch {
            // no room or not allowed: the marks last as long as the page
        }
    }
}
