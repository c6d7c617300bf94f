// The group view: every campaign, and one campaign's pranks as pictures.

import {compare, organiserOf} from './compare.js';
import {code, el, foreign} from './dom.js';
import {
    called, count, firstCalled, longTime, shortList, shortTime, subjectOf,
} from './format.js';
import {heading} from './heading.js';
import {drawPrank, readersOf} from './picture.js';
import {campaignHash, messageHash} from './route.js';
import {atMostEvery} from './schedule.js';

const AT_ONCE = 60; // pictures
const WIDEST = 620;

function byCampaign(store) {
    const campaigns = new Map();
    for (const id of store.ids) {
        const message = store.get(id);
        if (message.campaign) {
            const pranks = campaigns.get(message.campaign);
            if (pranks) {
                pranks.push(message);
            } else {
                campaigns.set(message.campaign, [message]);
            }
        }
    }
    return campaigns;
}

export class CampaignsView {
    #root;
    #store;
    #back;
    #name = undefined; // a campaign, null for the list of all, undefined while not shown
    #cards = new Map(); // message → card
    #grid = null;
    #facts = null;
    #most = AT_ONCE;
    #width = 0;
    #update = atMostEvery(250, () => this.#draw());

    constructor(root, store, back) {
        this.#root = root;
        this.#store = store;
        this.#back = back;
        store.addEventListener('change', () => this.#name !== undefined && this.#update());
        new ResizeObserver(() => this.#name && this.#update()).observe(root);
    }

    show(name) {
        this.#name = name;
        this.#most = AT_ONCE;
        this.#cards.clear();
        this.#facts = el('p', {class: 'facts'});
        this.#grid = el('div', {class: name === null ? 'campaigns' : 'pranks'});
        this.#root.replaceChildren(el('div', {class: 'page'},
            heading(this.#back, name === null ? 'Campaigns' : foreign(name)),
            this.#facts,
            name !== null && legend(),
            this.#grid));
        this.#root.scrollTop = 0;
        this.#draw();
    }

    close() {
        this.#name = undefined;
        this.#cards.clear();
    }

    #draw() {
        if (this.#name === undefined) {
            return;
        }
        const campaigns = byCampaign(this.#store);
        if (this.#name === null) {
            this.#drawAll(campaigns);
        } else {
            this.#drawOne(campaigns.get(this.#name) ?? []);
        }
    }

    #drawAll(campaigns) {
        this.#facts.replaceChildren(campaigns.size > 0
            ? count(campaigns.size, 'campaign')
            : 'No message with X-Prank-Campaign has come yet. '
                + 'prankcurl writes this field into every prank.');
        const newest = [...campaigns].sort(([, a], [, b]) => b.at(-1).id - a.at(-1).id);
        this.#grid.replaceChildren(...newest.map(([name, pranks]) => campaignCard(name, pranks)));
    }

    #drawOne(pranks) {
        this.#facts.replaceChildren(...summary(pranks));
        const width = Math.floor(Math.min(this.#columnWidth(), WIDEST));
        if (width !== this.#width) {
            this.#width = width;
            this.#cards.clear();
        }
        const shown = pranks.slice(0, this.#most);
        const wanted = shown.map((message) => {
            const card = this.#cards.get(message) ?? prankCard(message, width);
            this.#cards.set(message, card);
            return card;
        });
        if (pranks.length > shown.length) {
            wanted.push(this.#moreButton(pranks.length - shown.length));
        }
        this.#settle(wanted);
    }

    // Puts the cards in place without touching those that are.
    #settle(wanted) {
        wanted.forEach((card, place) => {
            if (this.#grid.children[place] !== card) {
                this.#grid.insertBefore(card, this.#grid.children[place] ?? null);
            }
        });
        while (this.#grid.children.length > wanted.length) {
            this.#grid.lastElementChild.remove();
        }
    }

    #moreButton(left) {
        return el('button', {
            type: 'button', class: 'more',
            on: {click: () => {
                this.#most *= 4;
                this.#draw();
            }},
        }, `Show ${count(left, 'more prank')}`);
    }

    #columnWidth() {
        const style = getComputedStyle(this.#grid);
        return (parseFloat(style.gridTemplateColumns) || 400) - 34; // the card's padding and border
    }
}

function summary(pranks) {
    if (pranks.length === 0) {
        return ['No message of this campaign is kept.'];
    }
    const readers = pranks.reduce((sum, message) => sum + readersOf(message).length, 0);
    const organisers = new Map(pranks.map((message) => {
        const organiser = organiserOf(message);
        return [organiser.address, organiser];
    }));
    const [first] = organisers.values();
    return [`${count(pranks.length, 'prank')} for ${count(readers, 'recipient')}, submitted by `,
        foreign(called(first)), first.name ? ' ' : '', first.name ? code(`<${first.address}>`) : '',
        organisers.size > 1 ? ` and ${organisers.size - 1} more` : '', '.'];
}

function legend() {
    const item = (kind, words) => el('li', {class: kind}, el('span', {class: 'swatch'}), words);
    return el('ul', {class: 'legend', 'aria-label': 'What the arrows mean'},
        item('to', 'To'), item('cc', 'Cc'), item('hidden', 'only in the envelope'),
        item('unreached', 'only in the header'),
        item('organiser', 'submits it, in the author’s name'));
}

function cardHead(title, {received}) {
    return el('span', {class: 'card-head'},
        el('span', {class: 'card-title'}, foreign(title)),
        el('time', {datetime: received, title: longTime(received)}, shortTime(received)));
}

function campaignCard(name, pranks) {
    const newest = pranks.at(-1);
    const authors = [...new Set(pranks.map((message) => firstCalled(message.from, 'nobody')))];
    return el('a', {class: 'card campaign', href: campaignHash(name)},
        cardHead(name, newest),
        el('span', {class: 'card-facts'}, ...summary(pranks)),
        el('span', {class: 'card-authors'}, 'Seen as authors: ', foreign(shortList(authors, 5))));
}

function prankCard(message, width) {
    const found = compare(message);
    return el('a', {
        class: `card prank-card${found.unreached.length > 0 ? ' partly' : ''}`,
        href: messageHash(message.id), 'data-id': message.id,
    },
    cardHead(subjectOf(message), message),
    drawPrank(message, width));
}
