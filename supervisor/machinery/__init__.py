"""Timers, queues, threads and the controller loop; independent of object kinds."""
