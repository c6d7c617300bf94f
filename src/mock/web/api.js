// The calls of docs/prankmock.openapi.yaml.

export class Problem extends Error {
    constructor(status, document) {
        super(typeof document?.error === 'string' ? document.error : `the server said ${status}`);
        this.status = status;
        this.errors = Array.isArray(document?.errors) ? document.errors : [];
    }
}

async function call(path, options = {}) {
    const answer = await fetch(path, {cache: 'no-store', ...options});
    const document = await answer.json().catch(() => null);
    if (!answer.ok || document === null) {
        throw new Problem(answer.status, document);
    }
    return document;
}

export function messagePath(id, rest = '') {
    return `/api/messages/${Number(id)}${rest}`;
}

export function getStats() {
    return call('/api/stats');
}

export function listMessages(parameters, signal) {
    return call(`/api/messages?${new URLSearchParams(parameters)}`, {signal});
}

export function getMessage(id, signal) {
    return call(messagePath(id), {signal});
}

export function deleteMessage(id) {
    return call(messagePath(id), {method: 'DELETE'});
}

export function deleteAll() {
    return call('/api/messages', {method: 'DELETE'});
}

export function getFaults() {
    return call('/api/faults');
}

export function setFaults(text) {
    return call('/api/faults', {
        method: 'PUT',
        headers: {'Content-Type': 'application/json'},
        body: text,
    });
}

export function deleteFaults() {
    return call('/api/faults', {method: 'DELETE'});
}

// The message's bytes, but no more than `most`: {bytes, cut}.
export async function getRaw(id, most, signal) {
    const answer = await fetch(messagePath(id, '/raw'), {cache: 'no-store', signal});
    if (!answer.ok) {
        throw new Problem(answer.status, await answer.json().catch(() => null));
    }
    const reader = answer.body.getReader();
    const bytes = new Uint8Array(most);
    let length = 0;
    for (;;) {
        const {done, value} = await reader.read();
        if (done) {
            return {bytes: bytes.subarray(0, length), cut: false};
        }
        const room = most - length;
        bytes.set(value.subarray(0, room), length);
        length += Math.min(value.length, room);
        if (value.length > room) {
            reader.cancel().catch(() => {});
            return {bytes, cut: true};
        }
    }
}
