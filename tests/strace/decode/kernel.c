/* Requests to the kernel's own machinery: programs of its filters, faults, extents. */
#include "cases.h"
#include <linux/types.h>
#include <linux/bpf.h>
#include <linux/fiemap.h>
#include <linux/fs.h>
#include <linux/userfaultfd.h>

static struct uffdio_api api = {0xaa, UFFD_FEATURE_EVENT_FORK | UFFD_FEATURE_THREAD_ID, 7};
static struct uffdio_range range = {0x10000, 0x2000};
static struct uffdio_register registration = {{0x10000, 0x2000}, UFFDIO_REGISTER_MODE_MISSING, 7};
static struct uffdio_copy copy = {0x10000, 0x20000, 0x1000, UFFDIO_COPY_MODE_DONTWAKE, 0x1000};
static struct uffdio_zeropage zero = {{0x10000, 0x2000}, 0, 0x2000};
static union bpf_attr map = {.map_type = BPF_MAP_TYPE_HASH, .key_size = 4, .value_size = 8, .max_entries = 16, .map_flags = BPF_F_NO_PREALLOC};
static union bpf_attr named = {.map_type = BPF_MAP_TYPE_ARRAY, .key_size = 4, .value_size = 8, .max_entries = 16, .inner_map_fd = 5, .numa_node = 1, .map_name = "a map", .map_ifindex = 1};
static union bpf_attr element = {.map_fd = 3, .key = 0x1000, .value = 0x2000, .flags = BPF_EXIST};
static union bpf_attr next = {.map_fd = 3, .key = 0x1000, .next_key = 0x2000};
static union bpf_attr pin = {.bpf_fd = 5};
static union bpf_attr attach = {.target_fd = 5, .attach_bpf_fd = 6, .attach_type = BPF_CGROUP_INET_INGRESS, .attach_flags = BPF_F_ALLOW_MULTI};
static union bpf_attr by_id = {.start_id = 5, .next_id = 6, .open_flags = 0};
static union bpf_attr info = {.info = {5, 128, 0x5000}};
static union bpf_attr raw_point = {.raw_tracepoint = {0, 5}};
static union bpf_attr query = {.query = {5, BPF_CGROUP_INET_EGRESS, 1, 2, 0, 3}};
static union bpf_attr test = {.test = {5, 0, 8, 8, 0x5000, 0x6000, 1, 2}};
static struct bpf_insn instructions[] = {{0xb7, 0, 0, 0, 1}, {0x95, 0, 0, 0, 0}};
static union bpf_attr load = {.prog_type = BPF_PROG_TYPE_SOCKET_FILTER, .insn_cnt = 2, .log_level = 1, .log_size = 100, .kern_version = 0x60105, .prog_flags = 1, .prog_name = "a program"};

static void cases(long answer) {
    pin.pathname = (unsigned long)"/sys/fs/bpf/x", raw_point.raw_tracepoint.name = (unsigned long)"sys_enter";
    load.insns = (unsigned long)instructions, load.license = (unsigned long)"GPL", load.log_buf = 0x7000;
    if (answer == 0) {
        call(ioctl, 3, UFFDIO_API, &api);
        call(ioctl, 3, UFFDIO_REGISTER, &registration);
        call(ioctl, 3, UFFDIO_UNREGISTER, &range);
        call(ioctl, 3, UFFDIO_WAKE, &range);
        call(ioctl, 3, UFFDIO_COPY, &copy);
        call(ioctl, 3, UFFDIO_ZEROPAGE, &zero);
        call(bpf, BPF_MAP_CREATE, &map, 20);
        call(bpf, BPF_MAP_CREATE, &map, 16);
        call(bpf, BPF_MAP_CREATE, &named, 48);
        call(bpf, BPF_MAP_LOOKUP_ELEM, &element, 32);
        call(bpf, BPF_MAP_LOOKUP_ELEM, &element, 24);
        call(bpf, BPF_MAP_UPDATE_ELEM, &element, 32);
        call(bpf, BPF_MAP_GET_NEXT_KEY, &next, 24);
        call(bpf, BPF_PROG_LOAD, &load, 48); // unlike strace with -v: instructions are an address
        call(bpf, BPF_PROG_LOAD, &load, 64); // unlike strace with -v: instructions are an address
        call(bpf, BPF_OBJ_PIN, &pin, 12);
        call(bpf, BPF_OBJ_GET, &pin, 8);
        call(bpf, BPF_PROG_ATTACH, &attach, 16);
        call(bpf, BPF_PROG_DETACH, &attach, 12);
        call(bpf, BPF_PROG_GET_NEXT_ID, &by_id, 8);
        call(bpf, BPF_MAP_GET_NEXT_ID, &by_id, 12);
        call(bpf, BPF_PROG_GET_FD_BY_ID, &by_id, 12);
        call(bpf, BPF_MAP_GET_FD_BY_ID, &by_id, 12);
        call(bpf, BPF_BTF_GET_FD_BY_ID, &by_id, 4);
        call(bpf, BPF_OBJ_GET_INFO_BY_FD, &info, 16);
        call(bpf, BPF_RAW_TRACEPOINT_OPEN, &raw_point, 12);
        call(bpf, BPF_PROG_QUERY, &query, 28);
        call(bpf, BPF_PROG_TEST_RUN, &test, 40);
    }
    if (answer == -22) {
        call(ioctl, 3, UFFDIO_API, &api);
        call(ioctl, 3, UFFDIO_REGISTER, &registration);
        call(ioctl, 3, UFFDIO_COPY, &copy);
        call(ioctl, 3, UFFDIO_ZEROPAGE, &zero);
        call(bpf, BPF_PROG_QUERY, &query, 28);
        call(bpf, 99, &query, 28);
    }
}
