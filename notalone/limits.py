"""What both servers hold a connection to."""

MAX_FRAME_BYTES = 64 * 1024  # a net: the protocol's own limit, 16 KiB, is kept by the consumers
REQUEST_WITHIN_S = 20  # a whole request, however slowly it drips in
IDLE_S = 15  # a kept-alive connection between two requests
# A ping goes out after 14 s (Daphne: up to 2 s late), and 10 s later the peer is gone. That it is gone is
# told when it has not come back for 8 s more (chat.consumers.presence): after 34 s at most.
PING_AFTER_S = 14
PONG_WITHIN_S = 10
PING_LATE_S = 2
