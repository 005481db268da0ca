// One stream for all pages of a browser: over HTTP/1.1 a seventh stream would
// keep a seventh page from loading at all.
import { openStream } from "./stream.js";

const ports = new Set();
let stream, up = false;

const tell = (message) => { for (const port of ports) port.postMessage(message); };

function connect({ after, lang }) {
  stream = openStream({
    url: "/desk/live", after, lang,
    onEvent: (e) => {
      tell(e);
      if (e.event === "signed-out") stream = undefined;
    },
    onState: (state) => { up = state === "up"; tell({ state }); },
  });
}

self.onconnect = ({ ports: [port] }) => {
  ports.add(port);
  port.onmessage = ({ data }) => {
    if (data.bye) {
      ports.delete(port);
      if (!ports.size && stream) { stream.close(); stream = undefined; }
    }
    if (data.retry && stream) stream.retry();
    if (data.hello) {
      ports.add(port);
      if (!stream) connect(data);
      else port.postMessage({ state: up ? "up" : "down", behind: stream.last > data.after });
    }
  };
};
