"""What holds for all tests."""

import signal

# What is started in the background (`nohup make test &`, some CI systems) may inherit that
# interrupts are ignored, and would hand that on to the processes that tests interrupt.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)
