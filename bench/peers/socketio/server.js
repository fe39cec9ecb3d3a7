// A bare relay: rooms, and Redis between processes, as Socket.IO's own guide sets it up.
// No database, no numbering, no acknowledgment unless the client asks for one.
// Usage: node server.js PORT REDIS_SOCKET
import { createServer } from "node:http";
import { createAdapter } from "@socket.io/redis-adapter";
import { createClient } from "redis";
import { Server } from "socket.io";

const [port, path] = process.argv.slice(2);
const publisher = createClient({ socket: { path } });
const subscriber = publisher.duplicate();
await Promise.all([publisher.connect(), subscriber.connect()]);

const http = createServer((request, response) => response.end("ready"));
const io = new Server(http, {
  adapter: createAdapter(publisher, subscriber),
  transports: ["websocket"],
});

io.on("connection", (socket) => {
  socket.on("join", (talks) => {
    socket.join(talks);
    socket.emit("joined");
  });
  socket.on("message", (message) => {
    socket.to(message.conversation).emit("message", message);
  });
});

http.listen(Number(port), "127.0.0.1");
