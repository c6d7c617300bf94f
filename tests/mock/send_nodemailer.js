'use strict';

// Sends one mail with nodemailer, as {"transport": …, "mail": …} on stdin says. On stdout: what was
// answered, and the bytes that nodemailer itself made of the mail, in base64.

const nodemailer = require('nodemailer');

async function send({ transport, mail }) {
    const mailer = nodemailer.createTransport(transport);
    let built;
    mailer.use('stream', (prepared, done) => {
        prepared.message.build((error, bytes) => {
            built = bytes;
            done(error);
        });
    });
    const { accepted, rejected, response, envelope } = await mailer.sendMail(mail);
    return { accepted, rejected, response, envelope, built: built.toString('base64') };
}

let text = '';
process.stdin.setEncoding('utf8');
process.stdin.on('data', (part) => { text += part; });
process.stdin.on('end', async () => {
    console.log(JSON.stringify(await send(JSON.parse(text))));
});
