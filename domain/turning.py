"""Turning a camera: who may hold one, whose hand weighs more, and why a camera did not turn.

One person holds a camera at a time. A higher post takes over, an equal one waits; a hold ends when it is released or
when no command came for `HOLD_SECONDS`. A camera moves only while a key is held down.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from domain.camera import Camera
from domain.roles import Role
from domain.words import text

HOLD_SECONDS = 30.0
"""A holder who has given no command for so long holds the camera no longer."""

KEEP_SECONDS = 0.5
"""How often a page says that the key is still down."""

PRIORITY: dict[Role, int] = {Role.SHIFT_LEADER: 2, Role.DUTY_OFFICER: 2, Role.SUPERVISOR: 1}
"""Whose hold gives way to whose: those who answer for a case come before those who look round."""

TURNED_SECONDS = 60.0
"""How long after a motion the picture is neither blurred nor moved (video sheet 8)."""


class Act(StrEnum):
    """What a desk may do with a camera."""

    HOLD = "hold"
    RELEASE = "release"
    MOVE = "move"
    KEEP = "keep"
    """The key is still down."""
    STOP = "stop"
    GOTO = "goto"
    SET = "set"
    DELETE = "delete"


class TurnRefusal(StrEnum):
    """Why a camera was not turned: codes for the screen, never a device's own words."""

    SHARED = "shared"
    NO_PTZ = "no_ptz"
    NO_ADDRESS = "no_address"
    HELD = "held"
    """Somebody of equal or higher priority holds it."""
    TAKEN = "taken"
    """It was ours until somebody of higher priority took it."""
    AWAY = "away"
    """No video process answers."""
    BUSY = "busy"
    """More commands at once than a camera can follow."""
    AUTH = "auth"
    REFUSED = "refused"
    TIMEOUT = "timeout"
    CERTIFICATE = "certificate"
    NOT_ONVIF = "not_onvif"
    BROKEN_ANSWER = "broken_answer"
    DENIED = "denied"
    """The device understood and said no: an unknown preset, a command it does not have."""


REFUSALS: dict[TurnRefusal, str] = {
    TurnRefusal.SHARED: text("共享摄像机只能看，不能转动"),
    TurnRefusal.NO_PTZ: text("此摄像机没有云台"),
    TurnRefusal.NO_ADDRESS: text("目录里没有这台摄像机的 ONVIF 地址，请管理员补充"),
    TurnRefusal.HELD: text("别人正在控制这台摄像机"),
    TurnRefusal.TAKEN: text("这台摄像机已被级别更高的岗位接管"),
    TurnRefusal.AWAY: text("视频服务没有应答，请稍后再试"),
    TurnRefusal.BUSY: text("命令太多，摄像机跟不上，请稍后再试"),
    TurnRefusal.AUTH: text("摄像机不认目录里的账号或密码"),
    TurnRefusal.REFUSED: text("摄像机拒绝连接：端口不对，或 ONVIF 没有打开"),
    TurnRefusal.TIMEOUT: text("摄像机没有应答"),
    TurnRefusal.CERTIFICATE: text("摄像机的证书不可信：改用 http:// 地址，或换一张可信的证书"),
    TurnRefusal.NOT_ONVIF: text("这个地址上的不是 ONVIF 设备"),
    TurnRefusal.BROKEN_ANSWER: text("摄像机的应答读不懂"),
    TurnRefusal.DENIED: text("摄像机拒绝了这个命令"),
}
"""Each code in words, with what to do where one can do something."""


@dataclass(frozen=True, slots=True)
class Motion:
    """Speed of a move, each part from −1 (left, down, out) to 1 (right, up, in)."""

    pan: float = 0.0
    tilt: float = 0.0
    zoom: float = 0.0

    @property
    def fits(self) -> bool:
        """Inside the limits, and a motion at all."""
        parts = (self.pan, self.tilt, self.zoom)
        return all(-1 <= part <= 1 for part in parts) and any(parts)


@dataclass(frozen=True, slots=True, kw_only=True)
class Holder:
    """Who holds a camera. Times are epoch milliseconds; `until_ms` moves on with every command."""

    name: str
    display_name: str
    role: Role
    since_ms: int
    until_ms: int

    @property
    def priority(self) -> int:
        return PRIORITY.get(self.role, 0)


@dataclass(frozen=True, slots=True, kw_only=True)
class TurnCommand:
    """What is asked of a camera. `token` names a preset; without one, `SET` makes a new preset called `name`."""

    act: Act
    motion: Motion = Motion()
    token: str = ""
    name: str = ""

    @property
    def missing(self) -> str | None:
        """The argument that the act needs and does not have."""
        if self.act is Act.MOVE and not self.motion.fits:
            return "pan"
        if self.act in (Act.GOTO, Act.DELETE) and not self.token:
            return "token"
        return "name" if self.act is Act.SET and not self.name else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Turned:
    """What became of a command. `taken_from` is who lost the camera by it; `token` the preset that was set."""

    holder: Holder | None
    new: bool = False
    taken_from: str = ""
    token: str = ""


class TurnRefused(Exception):
    """A camera was not turned; `holder` is who holds it, where that is the reason."""

    def __init__(self, code: TurnRefusal, holder: Holder | None = None) -> None:
        super().__init__(code.value)
        self.code = code
        self.holder = holder


def refusal_of(camera: Camera) -> TurnRefusal | None:
    """Why nobody may turn this camera, whoever asks."""
    if camera.shared:
        return TurnRefusal.SHARED
    return None if camera.ptz else TurnRefusal.NO_PTZ


def takes_over(asking: Role, held: Holder) -> bool:
    """Whether somebody of this post may take a camera out of the holder's hand."""
    return PRIORITY.get(asking, 0) > held.priority
