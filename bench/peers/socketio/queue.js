// A bare queue: whoever enters stands in a sorted set, and is answered with the rank.
// No database, no checks, no token; the socket is all there is of a visitor.
// Usage: node queue.js PORT REDIS_SOCKET
import { createServer } from "node:http";
import { createAdapter } from "@socket.io/redis-adapter";
import { createClient } from "redis";
import { Server } from "socket.io";

const [port, path] = process.argv.slice(2);
const client = createClient({ socket: { path } });
const publisher = client.duplicate();
const subscriber = client.duplicate();
await Promise.all([client.connect(), publisher.connect(), subscriber.connect()]);

const http = createServer((request, response) => response.end("ready"));
const io = new Server(http, {
  adapter: createAdapter(publisher, subscriber),
  transports: ["websocket"],
});

io.on("connection", (socket) => {
  socket.on("enter", async (lane) => {
    await client.zAdd(lane, { score: Date.now(), value: socket.id });
    const rank = await client.zRank(lane, socket.id);
    socket.emit("place", { position: rank + 1 });
  });
});

http.listen(Number(port), "127.0.0.1");
