"""The only Redis code: order, leases, counters. Nothing here is the truth; the database is."""
