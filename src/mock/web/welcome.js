// What is beside the list when nothing is open: how mail gets here.

import {el, icon} from './dom.js';
import {count, size} from './format.js';

export function welcome(root, store) {
    const {stats} = store;
    if (stats === null) {
        root.replaceChildren();
        return;
    }
    const empty = store.total === 0;
    root.replaceChildren(el('div', {class: 'page welcome'},
        el('img', {src: '/favicon.svg', alt: '', width: '64', height: '64'}),
        el('h1', {tabindex: '-1'}, empty ? 'Nothing has come yet' : 'Choose a message'),
        el('p', {class: 'facts'}, empty
            ? 'This page fills by itself as soon as mail is sent to the address below. '
            : 'Mail goes on arriving by itself. ', 'Nothing leaves this server.'),
        whereabouts(stats),
        el('h2', {class: 'small'}, empty ? 'Send the first message' : 'Send another'),
        ...commands(stats).map(([title, text]) => command(title, text)),
        el('p', {class: 'hint'}, 'Press ', el('kbd', {}, '?'), ' for the keys.')));
}

function whereabouts({listening, limits}) {
    const row = (name, value) => [el('dt', {}, name), el('dd', {}, value)];
    return el('dl', {class: 'whereabouts'},
        row('SMTP', el('code', {}, reachable(listening.smtp))),
        listening.smtps && row('SMTP over TLS', el('code', {}, reachable(listening.smtps))),
        row('CA file', el('code', {}, listening.ca)),
        row('Keeps', `the newest ${count(limits.messages, 'message')}, `
            + `${size(limits.bytes)} at most`));
}

// An address that means "everywhere" is reached as this page was.
function reachable(address) {
    const [, host, port] = /^(.*):(\d+)$/.exec(address) ?? [null, address, ''];
    const isAnywhere = ['0.0.0.0', '[::]', '::', '*'].includes(host);
    return isAnywhere ? `${window.location.hostname}:${port}` : address;
}

function quoted(text) {
    return /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}

function commands({listening}) {
    const address = reachable(listening.smtp);
    const ca = quoted(listening.ca);
    return [
        ['prankcurl', `PRANKCURL_PASSWORD=any prankcurl --server smtp://${address} \\\n`
            + `  --ca-file ${ca} examples/april-fools.json`],
        ['curl', `curl smtp://${address} --ssl-reqd --cacert ${ca} \\\n`
            + '  --mail-from nadia@example.test --mail-rcpt tom@example.test \\\n'
            + '  -H "From: Zoe <zoe@example.test>" -H "To: tom@example.test" \\\n'
            + '  -H "Subject: It works" -F "=Hello Tom"'],
        ['swaks', `swaks --server ${address} \\\n`
            + '  --from nadia@example.test --to tom@example.test'],
    ];
}

function command(title, text) {
    const copy = el('button', {type: 'button', class: 'quiet copy', title: `Copy the ${title} line`,
        'aria-label': `Copy the ${title} line`}, icon('copy'));
    copy.addEventListener('click', async () => {
        try {
            await navigator.clipboard.writeText(text);
            copy.classList.add('done');
            setTimeout(() => copy.classList.remove('done'), 1500);
        } catch {
            copy.remove(); // not allowed here: selecting still works
        }
    });
    return el('div', {class: 'command'}, el('pre', {}, text), navigator.clipboard ? copy : null);
}
