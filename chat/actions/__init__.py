"""What people can do, one verb a function: rows first, then Redis, then the word to others.

The database decides and Redis orders. When Redis is away an action still holds: what it could
not tell the queue, the sweeper puts right from the rows.
"""
