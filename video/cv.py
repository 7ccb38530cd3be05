"""The one door to OpenCV in this room: its capture options must be in the environment before it is first imported.

Without `IS_THREAD_SAFE` all opens of a process queue behind each other and a few dead cameras keep the good ones dark;
any option at all turns TCP off unless it is named; `fpsprobesize` takes 0.8 s off each open; the last two keep
OpenCV's and FFmpeg's own words, which may hold an address with its password, out of our logs (video sheet 6, 9.3).
"""

from __future__ import annotations

import os

os.environ.setdefault("OPENCV_FFMPEG_IS_THREAD_SAFE", "1")
os.environ.setdefault("OPENCV_FFMPEG_CAPTURE_OPTIONS", "rtsp_transport;tcp|fpsprobesize;0")
os.environ.setdefault("OPENCV_FFMPEG_LOGLEVEL", "-8")
os.environ.setdefault("OPENCV_LOG_LEVEL", "ERROR")

import cv2

__all__ = ["cv2"]
