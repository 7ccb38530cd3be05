"""Asking and turning cameras over ONVIF: device, profiles, clock, presets, motion; finding them on the network.

`library` is the one door to the kept library; `device` what the hall asks of a camera; `chosen` which of its streams
the hall takes; `discovery` the question to the whole network. Failures are codes (`OnvifFailed`), never foreign text.
"""
