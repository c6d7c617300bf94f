// The messages that the server keeps, held in step with it. It tells `change` (at most once a
// frame) and `arrived` (with the new summaries, the oldest first).

import {getStats, listMessages} from './api.js';
import {eachFrame} from './schedule.js';

const FIRST_LIMIT = 5000;

// Where `id` is in the ascending `ids`, or would be.
export function placeOf(ids, id) {
    let low = 0;
    let high = ids.length;
    while (low < high) {
        const middle = (low + high) >> 1;
        if (ids[middle] < id) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low;
}

export function insertInto(ids, id) {
    if (ids.length === 0 || ids[ids.length - 1] < id) {
        ids.push(id);
        return true;
    }
    const place = placeOf(ids, id);
    if (ids[place] === id) {
        return false;
    }
    ids.splice(place, 0, id);
    return true;
}

export function removeFrom(ids, id) {
    const place = placeOf(ids, id);
    if (ids[place] === id) {
        ids.splice(place, 1);
    }
}

export class Store extends EventTarget {
    ids = []; // ascending, which is the order of arrival
    total = 0; // how many the server keeps; it can be more than are held here
    stats = null;
    #messages = new Map();
    #limit = FIRST_LIMIT;
    #news = [];
    #during = null; // what happened while the list was fetched
    #tell = eachFrame(() => this.#flush());

    get(id) {
        return this.#messages.get(id);
    }

    get ready() {
        return this.stats !== null;
    }

    arrived(summary) {
        this.#during?.arrived.push(summary);
        if (this.#messages.has(summary.id)) {
            return; // told again after a reconnection
        }
        this.#keep(summary);
        this.total += 1;
        this.#news.push(summary);
        this.#forgetOldest();
        this.#tell();
    }

    deleted(what) {
        this.#during?.deleted.push(what);
        if (what.all) {
            this.#clear();
        } else {
            this.#messages.delete(what.id);
            removeFrom(this.ids, what.id);
            this.total = Math.max(this.ids.length, this.total - 1);
        }
        this.#tell();
    }

    // Fetches everything anew; what happens meanwhile is not lost.
    async synchronise() {
        const during = {arrived: [], deleted: []};
        this.#during = during;
        try {
            const stats = await getStats();
            const list = await listMessages({limit: this.#limit});
            if (this.#during !== during) {
                return; // a later call does it
            }
            if (during.deleted.some((what) => what.all)) {
                await this.synchronise();
                return;
            }
            this.#replace(stats, list, during);
        } finally {
            if (this.#during === during) {
                this.#during = null;
            }
        }
    }

    async holdMore() {
        this.#limit *= 4;
        await this.synchronise();
    }

    #replace(stats, list, during) {
        const known = this.stats?.started === stats.started ? new Set(this.ids) : null;
        this.stats = stats;
        this.#clear();
        list.messages.reverse().forEach((summary) => this.#keep(summary));
        this.total = list.total;
        for (const summary of during.arrived) {
            if (summary.id > (list.messages.at(-1)?.id ?? 0)) {
                this.#keep(summary);
                this.total += 1;
            }
        }
        during.deleted.forEach((what) => {
            if (this.#messages.delete(what.id)) {
                removeFrom(this.ids, what.id);
                this.total -= 1;
            }
        });
        this.#news = known ? this.ids.filter((id) => !known.has(id)).map((id) => this.get(id)) : [];
        this.#tell();
    }

    #keep(summary) {
        this.#messages.set(summary.id, summary);
        insertInto(this.ids, summary.id);
    }

    #clear() {
        this.#messages.clear();
        this.ids = [];
        this.#news = [];
        this.total = 0;
    }

    // The server forgets its oldest when it has too many.
    #forgetOldest() {
        const most = this.stats?.limits.messages ?? Infinity;
        while (this.ids.length > most) {
            this.#messages.delete(this.ids.shift());
        }
        this.total = Math.max(this.ids.length, Math.min(this.total, most));
    }

    #flush() {
        const news = this.#news.filter((summary) => this.#messages.has(summary.id));
        this.#news = [];
        this.dispatchEvent(new CustomEvent('change'));
        if (news.length > 0) {
            this.dispatchEvent(new CustomEvent('arrived', {detail: news}));
        }
    }
}
