// A message centre made of the npm package `smpp`, which this project did not write. It takes what comes, prints one
// line of JSON for each message, answers each with a receipt, and sends one long reply.
import { createRequire } from "node:module";

const require = createRequire(process.argv[2] + "/");
const smpp = require("smpp");
const say = (thing) => process.stdout.write(JSON.stringify(thing) + "\n");

let receiver = null;
let next = 1;

const server = smpp.createServer({ autoPrependBuffer: true }, (session) => {
  session.on("error", () => {});
  for (const kind of ["bind_transmitter", "bind_receiver", "bind_transceiver"]) {
    session.on(kind, (pdu) => {
      session.send(pdu.response(pdu.password === "secret" ? {} : { command_status: smpp.ESME_RINVPASWD }));
      if (kind !== "bind_transmitter") {
        receiver = session;
        session.deliver_sm({
          source_addr: "8613000000009",
          destination_addr: "12308",
          data_coding: 8,
          short_message: { message: "救命，我们在山上 😀" },
        });
      }
    });
  }
  session.on("submit_sm", (pdu) => {
    if (pdu.destination_addr.endsWith("99")) {
      session.send(pdu.response({ command_status: smpp.ESME_RINVDSTADR }));
      return;
    }
    const id = `n${next++}`;
    session.send(pdu.response({ message_id: id }));
    const udh = pdu.short_message.udh ? [...pdu.short_message.udh[0]] : null;
    const { source_addr, source_addr_ton, destination_addr, data_coding, esm_class, registered_delivery } = pdu;
    const text = pdu.short_message.message;
    say({ source_addr, source_addr_ton, destination_addr, data_coding, esm_class, registered_delivery, text, udh });
    if (registered_delivery && receiver) {
      receiver.deliver_sm({
        source_addr: destination_addr,
        destination_addr: source_addr,
        esm_class: 4,
        receipted_message_id: id,
        message_state: 2,
        short_message: { message: `id:${id} sub:001 dlvrd:001 submit date:2601010000 done date:2601010001 stat:DELIVRD err:000 text:` },
      });
    }
  });
  session.on("enquire_link", (pdu) => session.send(pdu.response()));
  session.on("unbind", (pdu) => {
    session.send(pdu.response());
    session.close();
  });
});
server.listen(0, "127.0.0.1", () => say({ port: server.address().port }));
process.stdin.on("end", () => process.exit(0)).resume();
