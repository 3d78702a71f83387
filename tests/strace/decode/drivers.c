/* Requests to drivers. */
#include "cases.h"
#include <linux/types.h>
#include <asm/termbits.h>
#include <asm/ioctls.h>
#include <linux/fiemap.h>
#include <linux/fs.h>
#include <linux/kd.h>
#include <linux/nsfs.h>
#include <linux/perf_event.h>
#include <linux/rtc.h>
#include <linux/sockios.h>
#include <linux/videodev2.h>
#include <linux/watchdog.h>

static struct v4l2_capability capability = {"uvcvideo", "Camera", "usb-1", 0x50e01, 0x84a00001, 0x04200001};
static struct v4l2_fmtdesc described = {0, 1, 1, "Motion-JPEG", V4L2_PIX_FMT_MJPEG};
static struct v4l2_format format = {1, {.pix = {640, 480, V4L2_PIX_FMT_YUYV, V4L2_FIELD_NONE, 1280, 614400, V4L2_COLORSPACE_SRGB}}};
static struct v4l2_format odd = {2, {.pix = {640, 480, 0x0127417f, 99, 1280, 614400, 99}}};
static struct v4l2_requestbuffers wanted = {4, 1, V4L2_MEMORY_MMAP};
static struct v4l2_buffer mapped = {0, 1, 614400, 1, V4L2_FIELD_NONE, {5, 6}, {0}, 7, 1, {.offset = 4096}, 614400};
static struct v4l2_buffer owned = {0, 1, 614400, 0x12000, V4L2_FIELD_NONE, {5, 6}, {0}, 7, 2, {.userptr = 4096}, 614400};
static struct v4l2_input input = {0, "Camera 1", 2};
static struct v4l2_control control = {V4L2_CID_BRIGHTNESS, 5};
static struct v4l2_frmsizeenum single = {0, V4L2_PIX_FMT_MJPEG, 1, {{640, 480}}}, steps = {0, V4L2_PIX_FMT_MJPEG, 3, {.stepwise = {1, 2, 3, 4, 5, 6}}};
static int number = 1;
static unsigned long long wide = 255;
static struct fsxattr attributes = {0x8001, 1, 2, 3, 4};
static struct { struct fiemap head; struct fiemap_extent extents[2]; } map = {{0, -1, FIEMAP_FLAG_SYNC, 1, 2}, {{1, 2, 3, {0}, FIEMAP_EXTENT_LAST}}};
static struct rtc_wkalrm alarm = {1, 0, {1, 2, 3, 4, 5, 100}};
static struct rtc_pll_info pll = {1, 2, 3, 4, 5, 6, 7};
static struct termios2 termios2 = {0x500, 5, 0xbf, 0x8a3b};
static struct { unsigned short flags[4]; unsigned char line, characters[8]; } termio = {{0x500, 5, 0xbf, 0x8a3b}};

static void requests(void) {
    call(ioctl, 3, VIDIOC_QUERYCAP, &capability);
    call(ioctl, 3, VIDIOC_ENUM_FMT, &described);
    call(ioctl, 3, VIDIOC_G_FMT, &format);
    call(ioctl, 3, VIDIOC_S_FMT, &format);
    call(ioctl, 3, VIDIOC_TRY_FMT, &odd);
    call(ioctl, 3, VIDIOC_REQBUFS, &wanted);
    call(ioctl, 3, VIDIOC_QUERYBUF, &mapped); // unlike strace: on i386 it shows the address // by CPU: the same
    call(ioctl, 3, VIDIOC_QBUF, &owned); // unlike strace: on i386 it shows the address // by CPU: the same
    call(ioctl, 3, VIDIOC_DQBUF, &mapped); // unlike strace: on i386 it shows the address // by CPU: the same
    call(ioctl, 3, VIDIOC_STREAMON, &number);
    call(ioctl, 3, VIDIOC_STREAMOFF, &number);
    call(ioctl, 3, VIDIOC_G_CTRL, &control);
    call(ioctl, 3, VIDIOC_S_CTRL, &control);
    call(ioctl, 3, VIDIOC_ENUMINPUT, &input);
    call(ioctl, 3, VIDIOC_G_INPUT, &number);
    call(ioctl, 3, VIDIOC_S_INPUT, &number);
    call(ioctl, 3, VIDIOC_ENUM_FRAMESIZES, &single);
    call(ioctl, 3, VIDIOC_ENUM_FRAMESIZES, &steps);
    call(ioctl, 3, VIDIOC_EXPBUF, &wide);
    call(ioctl, 3, FS_IOC_FSGETXATTR, &attributes);
    call(ioctl, 3, FS_IOC_FIEMAP, &map);
    call(ioctl, 3, RTC_WKALM_RD, &alarm);
    call(ioctl, 3, RTC_WKALM_SET, &alarm);
    call(ioctl, 3, RTC_PLL_GET, &pll); // by CPU: a word of the other size
    call(ioctl, 3, WDIOC_GETSTATUS, &number);
    call(ioctl, 3, WDIOC_GETTIMEOUT, &number);
    call(ioctl, 3, WDIOC_SETTIMEOUT, &number);
    call(ioctl, 3, WDIOC_KEEPALIVE);
    call(ioctl, 3, KDGKBMETA, &number);
    call(ioctl, 3, KDSKBMETA, 3);
    call(ioctl, 3, KDSETLED, 5);
    call(ioctl, 3, KDSIGACCEPT, 10); // by CPU: numbers of signals
    call(ioctl, 3, KDENABIO);
    call(ioctl, 3, KDMAPDISP);
    call(ioctl, 3, NS_GET_USERNS);
    call(ioctl, 3, NS_GET_NSTYPE);
    call(ioctl, 3, NS_GET_OWNER_UID, &number);
    call(ioctl, 3, PERF_EVENT_IOC_ENABLE, 1);
    call(ioctl, 3, PERF_EVENT_IOC_DISABLE, 0);
    call(ioctl, 3, PERF_EVENT_IOC_REFRESH, 5);
    call(ioctl, 3, PERF_EVENT_IOC_SET_OUTPUT, 5);
    call(ioctl, 3, PERF_EVENT_IOC_SET_FILTER, "filter");
    call(ioctl, 3, PERF_EVENT_IOC_ID, &wide);
    call(ioctl, 3, PERF_EVENT_IOC_SET_BPF, 5);
    call(ioctl, 3, PERF_EVENT_IOC_PAUSE_OUTPUT, 1);
    call(ioctl, 3, TCGETS2, &termios2); // by CPU: other bits
    call(ioctl, 3, TCSETS2, &termios2); // by CPU: other bits
    call(ioctl, 3, TCGETA, &termio); // by CPU: other bits
    call(ioctl, 3, FIOSETOWN, &number);
    call(ioctl, 3, FIOGETOWN, &number);
    call(ioctl, 3, SIOCOUTQNSD, &number);
}

static void cases(long answer) {
    if (answer == 0) {
        call(ioctl, 3, VIDIOC_LOG_STATUS, 0);
        requests();
    }
    if (answer == -22)
        requests();
}
