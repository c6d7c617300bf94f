// One message: its head and its tabs.

import {getMessage, messagePath} from './api.js';
import {bodyTab} from './body.js';
import {compare} from './compare.js';
import {dialogueTab} from './dialogue.js';
import {code, el, foreign, icon} from './dom.js';
import {envelopeTab} from './envelope.js';
import {called, longTime, shortList, size, subjectOf} from './format.js';
import {backButton, heading} from './heading.js';
import {partsTab} from './parts.js';
import {campaignHash, messageHash} from './route.js';
import {sourceTab} from './source.js';
import {makeTabs} from './tabs.js';

const MOST_NAMES = 6;

export class MessageView {
    id = null;
    #root;
    #actions; // {chooseTab(name), remove(id), back(), opened(id)}
    #tabs = null;
    #loading = null;

    constructor(root, actions) {
        this.#root = root;
        this.#actions = actions;
    }

    async show(id, tab) {
        if (this.id === id && this.#tabs !== null) {
            this.#tabs.select(tab);
            return;
        }
        this.#loading?.abort();
        const loading = new AbortController();
        this.#loading = loading;
        this.id = id;
        this.#tabs = null;
        this.#root.setAttribute('aria-busy', 'true');
        try {
            const message = await getMessage(id, loading.signal);
            this.#draw(message, loading.signal);
            this.#tabs.select(this.#wanted(tab));
            this.#actions.opened(id);
        } catch (error) {
            if (!loading.signal.aborted) {
                this.#root.replaceChildren(this.#missing(error));
            }
        } finally {
            if (this.#loading === loading) {
                this.#root.removeAttribute('aria-busy');
            }
        }
    }

    close() {
        this.#loading?.abort();
        this.#root.removeAttribute('aria-busy');
        this.id = null;
        this.#tabs = null;
    }

    gone() {
        this.#loading?.abort();
        this.#tabs = null;
        this.#root.replaceChildren(this.#missing({status: 404}));
    }

    // The tab may have been changed while the message was on its way.
    #wanted(tab) {
        return this.#actions.tabNow() ?? tab;
    }

    #draw(message, signal) {
        const attached = message.attachments.length;
        const tabs = makeTabs([
            {name: 'message', title: 'Message', fill: (panel) => bodyTab(panel, message)},
            {name: 'envelope', title: 'Envelope', fill: (panel) => envelopeTab(panel, message)},
            {name: 'dialogue', title: 'Dialogue', fill: (panel) => dialogueTab(panel, message)},
            {name: 'source', title: 'Source', fill: (panel) => sourceTab(panel, message, signal)},
            (attached > 0 || message.parts.length > 1) && {
                name: 'attachments',
                title: [icon('clip'), el('span', {},
                    el('span', {class: 'words'}, 'Attachments'),
                    attached > 0 && ` (${attached})`)],
                fill: (panel) => partsTab(panel, message),
            },
        ].filter(Boolean), this.#actions.chooseTab);
        this.#tabs = tabs;
        this.#root.replaceChildren(el('article', {class: 'message', 'aria-labelledby': 'subject'},
            this.#head(message), tabs.list, ...tabs.panels));
        this.#root.scrollTop = 0;
    }

    #head(message) {
        return el('header', {class: 'head'},
            el('div', {class: 'title'},
                backButton(this.#actions.back),
                el('h1', {id: 'subject', tabindex: '-1'}, foreign(subjectOf(message))),
                el('div', {class: 'actions'},
                    el('a', {
                        class: 'button', href: messagePath(message.id, '/raw'),
                        download: `message-${message.id}.eml`, title: 'Download the message',
                    }, icon('download'), '.eml'),
                    el('button', {
                        type: 'button', id: 'delete-one', title: 'Delete this message (d)',
                        'aria-keyshortcuts': 'd',
                        on: {click: () => this.#actions.remove(message.id)},
                    }, icon('trash'), 'Delete'))),
            people(message),
            submitter(message));
    }

    #missing(error) {
        const words = error.status === 404
            ? 'This message is not kept: somebody deleted it, or newer mail took its place.'
            : `The message could not be fetched: ${error.message}`;
        return el('div', {class: 'quiet-page'},
            heading(this.#actions.back, 'Not here'), el('p', {}, words));
    }
}

function people(message) {
    const from = message.from.length > 0
        ? message.from.flatMap((mailbox, place) => [place > 0 && ', ', ...who(mailbox)])
        : [el('span', {class: 'absent'}, 'nobody (no From)')];
    return el('div', {class: 'people'},
        el('p', {class: 'author'}, ...from.filter(Boolean)),
        el('p', {class: 'readers'}, 'to ', foreign(names(message.to) || 'nobody'),
            message.cc.length > 0 && [', Cc ', foreign(names(message.cc))]),
        el('p', {class: 'when'},
            el('time', {datetime: message.received}, longTime(message.received)),
            `, ${size(message.size)}`));
}

function who(mailbox) {
    return mailbox.name.trim() === ''
        ? [el('b', {}, foreign(mailbox.address))]
        : [el('b', {}, foreign(mailbox.name)), ' ', code(`<${mailbox.address}>`)];
}

function names(mailboxes) {
    return shortList(mailboxes.map(called), MOST_NAMES);
}

// The short form of the lesson: another one submits it than the one who is seen as author.
function submitter(message) {
    const found = compare(message);
    const differs = found.fromDiffers || found.hidden.length > 0 || found.unreached.length > 0;
    const {user} = message.client;
    const words = [
        user !== null && ['logged in as ', code(user)],
        user !== null && user !== found.mailFrom && ', ',
        user !== found.mailFrom && ['MAIL FROM ', code(found.mailFrom || '<>')],
    ].flat();
    return el('p', {class: 'chips'},
        differs && el('a', {class: 'chip envelope', href: messageHash(message.id, 'envelope')},
            icon('envelope'), el('span', {}, ...(found.fromDiffers
                ? words : ['the envelope names other recipients']))),
        message.campaign && el('a', {class: 'chip', href: campaignHash(message.campaign)},
            'campaign ', foreign(message.campaign)));
}
