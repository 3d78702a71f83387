//! Messages about interfaces, addresses, routes and neighbours.   [rtnetlink(7)]

use emu_cpu::GuestMemory;

use super::super::super::Printer;
use super::super::Image;
use super::super::fields::As;
use super::align;
use super::attribute::{Table, What};

const LINK: Table = Table {
    group: "link_attribute",
    known: &[
        ("IFLA_ADDRESS", What::Hardware),
        ("IFLA_BROADCAST", What::Hardware),
        ("IFLA_IFNAME", What::Text),
        ("IFLA_MTU", What::U32),
        ("IFLA_LINK", What::U32),
        ("IFLA_QDISC", What::Text),
        ("IFLA_STATS", What::Structure("link_stats")),
        ("IFLA_MASTER", What::U32),
        ("IFLA_TXQLEN", What::U32),
        ("IFLA_MAP", What::Structure("link_ifmap")),
        ("IFLA_WEIGHT", What::U32),
        ("IFLA_OPERSTATE", What::U8),
        ("IFLA_LINKMODE", What::U8),
        ("IFLA_LINKINFO", What::Nested(&LINK_INFO)),
        ("IFLA_NET_NS_PID", What::U32),
        ("IFLA_IFALIAS", What::Text),
        ("IFLA_NUM_VF", What::U32),
        ("IFLA_STATS64", What::Structure("link_stats64")),
        ("IFLA_AF_SPEC", What::Families),
        ("IFLA_GROUP", What::U32),
        ("IFLA_NET_NS_FD", What::U32),
        ("IFLA_EXT_MASK", What::U32),
        ("IFLA_PROMISCUITY", What::U32),
        ("IFLA_NUM_TX_QUEUES", What::U32),
        ("IFLA_NUM_RX_QUEUES", What::U32),
        ("IFLA_CARRIER", What::U8),
        ("IFLA_CARRIER_CHANGES", What::U32),
        ("IFLA_LINK_NETNSID", What::S32),
        ("IFLA_PHYS_PORT_NAME", What::Text),
        ("IFLA_PROTO_DOWN", What::U8),
        ("IFLA_GSO_MAX_SEGS", What::U32),
        ("IFLA_GSO_MAX_SIZE", What::U32),
        ("IFLA_XDP", What::Nested(&XDP)),
        ("IFLA_EVENT", What::U32),
        ("IFLA_NEW_NETNSID", What::S32),
        ("IFLA_IF_NETNSID", What::S32),
        ("IFLA_CARRIER_UP_COUNT", What::U32),
        ("IFLA_CARRIER_DOWN_COUNT", What::U32),
        ("IFLA_NEW_IFINDEX", What::Index),
        ("IFLA_MIN_MTU", What::U32),
        ("IFLA_MAX_MTU", What::U32),
        ("IFLA_PROP_LIST", What::Nested(&PROPERTIES)),
        ("IFLA_ALT_IFNAME", What::Text),
        ("IFLA_PERM_ADDRESS", What::Hardware),
        ("IFLA_PARENT_DEV_NAME", What::Text),
        ("IFLA_PARENT_DEV_BUS_NAME", What::Text),
        ("IFLA_GRO_MAX_SIZE", What::U32),
        ("IFLA_TSO_MAX_SIZE", What::U32),
        ("IFLA_TSO_MAX_SEGS", What::U32),
        ("IFLA_ALLMULTI", What::U32),
    ],
};

const LINK_INFO: Table = Table {
    group: "link_info",
    known: &[
        ("IFLA_INFO_KIND", What::Text),
        ("IFLA_INFO_SLAVE_KIND", What::Text),
    ],
};

const XDP: Table = Table {
    group: "link_xdp",
    known: &[
        ("IFLA_XDP_FD", What::S32),
        ("IFLA_XDP_ATTACHED", What::Value8("link_xdp_attached")),
        ("IFLA_XDP_FLAGS", What::Flags32("link_xdp_flags")),
        ("IFLA_XDP_PROG_ID", What::U32),
        ("IFLA_XDP_DRV_PROG_ID", What::U32),
        ("IFLA_XDP_SKB_PROG_ID", What::U32),
        ("IFLA_XDP_HW_PROG_ID", What::U32),
        ("IFLA_XDP_EXPECTED_FD", What::S32),
    ],
};

const PROPERTIES: Table = Table {
    group: "link_attribute",
    known: &[("IFLA_ALT_IFNAME", What::Text)],
};

const OF_INET: Table = Table {
    group: "link_inet",
    known: &[("IFLA_INET_CONF", What::Settings("ipv4_setting", "-1"))],
};

const OF_INET6: Table = Table {
    group: "link_inet6",
    known: &[
        ("IFLA_INET6_FLAGS", What::Flags32("link_inet6_flags")),
        ("IFLA_INET6_CONF", What::Settings("ipv6_setting", "")),
        ("IFLA_INET6_CACHEINFO", What::Structure("inet6_cacheinfo")),
    ],
};

const ADDRESS: Table = Table {
    group: "address_attribute",
    known: &[
        ("IFA_ADDRESS", What::Host),
        ("IFA_LOCAL", What::Host),
        ("IFA_LABEL", What::Text),
        ("IFA_BROADCAST", What::Host),
        ("IFA_ANYCAST", What::Host),
        ("IFA_CACHEINFO", What::Structure("ifa_cacheinfo")),
        ("IFA_MULTICAST", What::Host),
        ("IFA_FLAGS", What::Flags32("address_flags")),
        ("IFA_RT_PRIORITY", What::U32),
        ("IFA_TARGET_NETNSID", What::S32),
    ],
};

const ROUTE: Table = Table {
    group: "route_attribute",
    known: &[
        ("RTA_DST", What::Host),
        ("RTA_SRC", What::Host),
        ("RTA_IIF", What::Index),
        ("RTA_OIF", What::Index),
        ("RTA_GATEWAY", What::Host),
        ("RTA_PRIORITY", What::U32),
        ("RTA_PREFSRC", What::Host),
        ("RTA_METRICS", What::Nested(&METRICS)),
        ("RTA_MULTIPATH", What::Ways),
        ("RTA_FLOW", What::U32),
        ("RTA_CACHEINFO", What::Structure("rta_cacheinfo")),
        ("RTA_TABLE", What::Named32("route_table")),
        ("RTA_MARK", What::U32),
        ("RTA_VIA", What::Via),
        ("RTA_NEWDST", What::Host),
        ("RTA_PREF", What::U8),
        ("RTA_ENCAP_TYPE", What::Value16("tunnel")),
        ("RTA_EXPIRES", What::U64),
        ("RTA_UID", What::U32),
        ("RTA_TTL_PROPAGATE", What::U8),
        ("RTA_IP_PROTO", What::U8),
        ("RTA_SPORT", What::U16),
        ("RTA_DPORT", What::U16),
    ],
};

const METRICS: Table = Table {
    group: "route_metric",
    known: &[("RTAX_CC_ALGO", What::Text), ("*", What::U32)],
};

const NEIGHBOUR: Table = Table {
    group: "neighbour_attribute",
    known: &[
        ("NDA_DST", What::Host),
        ("NDA_LLADDR", What::Hardware),
        ("NDA_CACHEINFO", What::Structure("nda_cacheinfo")),
        ("NDA_PROBES", What::U32),
        ("NDA_VLAN", What::U16),
        ("NDA_PORT", What::Port),
        ("NDA_VNI", What::U32),
        ("NDA_IFINDEX", What::Index),
        ("NDA_MASTER", What::Index),
        ("NDA_LINK_NETNSID", What::U32),
        ("NDA_SRC_VNI", What::U32),
        ("NDA_NH_ID", What::U32),
    ],
};

const RULE: Table = Table {
    group: "rule_attribute",
    known: &[
        ("FRA_DST", What::Host),
        ("FRA_SRC", What::Host),
        ("FRA_IIFNAME", What::Text),
        ("FRA_GOTO", What::U32),
        ("FRA_PRIORITY", What::U32),
        ("FRA_FWMARK", What::U32),
        ("FRA_FLOW", What::U32),
        ("FRA_SUPPRESS_IFGROUP", What::U32),
        ("FRA_SUPPRESS_PREFIXLEN", What::U32),
        ("FRA_TABLE", What::Named32("route_table")),
        ("FRA_FWMASK", What::U32),
        ("FRA_OIFNAME", What::Text),
        ("FRA_L3MDEV", What::U8),
        ("FRA_PROTOCOL", What::Value8("route_protocol")),
        ("FRA_IP_PROTO", What::Value8("ip_protocol")),
    ],
};

const TRAFFIC: Table = Table {
    group: "traffic_attribute",
    known: &[
        ("TCA_KIND", What::Text),
        ("TCA_CHAIN", What::U32),
        ("TCA_HW_OFFLOAD", What::U8),
        ("TCA_INGRESS_BLOCK", What::U32),
        ("TCA_EGRESS_BLOCK", What::U32),
    ],
};

/// How a field of a message is shown.
#[derive(Clone, Copy)]
enum Field {
    As(As),
    /// The number of an interface.
    Index,
}

use Field::{As as F, Index};

/// A message by its type without the two bits that say what is done: its structure, its fields, its attributes.
type Shape = (
    &'static str,
    &'static [(&'static str, Field)],
    &'static Table,
);

#[rustfmt::skip]
fn shape(kind: u64) -> Option<Shape> {
    const FAMILY: Field = F(As::Value("socket_family"));
    const NUMBER: Field = F(As::Number);
    Some(match kind {
        // RTM_NEWLINK, RTM_NEWADDR, RTM_NEWROUTE, RTM_NEWNEIGH, RTM_NEWRULE, RTM_NEWQDISC, RTM_NEWTCLASS,
        // RTM_NEWTFILTER   [Linux include/uapi/linux/rtnetlink.h]
        16 => ("ifinfomsg", &[
            ("ifi_family", FAMILY), ("ifi_type", F(As::Value("hardware"))), ("ifi_index", Index),
            ("ifi_flags", F(As::Flags("interface"))), ("ifi_change", F(As::Hex)),
        ], &LINK),
        20 => ("ifaddrmsg", &[
            ("ifa_family", FAMILY), ("ifa_prefixlen", NUMBER), ("ifa_flags", F(As::Flags("address_flags"))),
            ("ifa_scope", F(As::Value("route_scope"))), ("ifa_index", Index),
        ], &ADDRESS),
        24 => ("rtmsg", &[
            ("rtm_family", FAMILY), ("rtm_dst_len", NUMBER), ("rtm_src_len", NUMBER), ("rtm_tos", F(As::Flags("ip_service"))),
            ("rtm_table", F(As::Value("route_table"))), ("rtm_protocol", F(As::Value("route_protocol"))),
            ("rtm_scope", F(As::Value("route_scope"))), ("rtm_type", F(As::Value("route_type"))),
            ("rtm_flags", F(As::Flags("route_flags"))),
        ], &ROUTE),
        28 => ("ndmsg", &[
            ("ndm_family", FAMILY), ("ndm_ifindex", Index), ("ndm_state", F(As::Flags("neighbour_state"))),
            ("ndm_flags", F(As::Flags("neighbour_flags"))), ("ndm_type", F(As::Value("route_type"))),
        ], &NEIGHBOUR),
        32 => ("fib_rule_hdr", &[
            ("family", FAMILY), ("dst_len", NUMBER), ("src_len", NUMBER), ("tos", F(As::Flags("ip_service"))),
            ("table", F(As::Value("route_table"))), ("action", F(As::Value("rule_action"))),
            ("flags", F(As::Flags("rule_flags"))),
        ], &RULE),
        36 | 40 | 44 => ("tcmsg", &[
            ("tcm_family", FAMILY), ("tcm_ifindex", Index), ("tcm_handle", NUMBER), ("tcm_parent", NUMBER),
            ("tcm_info", NUMBER),
        ], &TRAFFIC),
        _ => return None,
    })
}

impl Printer<'_> {
    /// What is behind the header of a message; false when it is none of those known.
    pub(super) fn route_message(&mut self, kind: u64, address: u64, len: u64) -> bool {
        let Some((name, fields, table)) = shape(kind & !3) else {
            return false;
        };
        let Ok(family) = self.memory.read_u8(address) else {
            return false;
        };
        let family = u64::from(family);
        let size = self
            .abi
            .structure(name)
            .map_or(0, |shape| u64::from(shape.size));
        let image = match len {
            _ if len >= size => self.load(name, address),
            _ => None,
        };
        let Some(image) = image else {
            self.out.push(b'{');
            self.text(fields[0].0);
            self.out.push(b'=');
            self.value("socket_family", family);
            self.text(", ...}");
            return true;
        };
        self.out.push(b'{');
        for (place, (name, how)) in fields.iter().enumerate() {
            if place > 0 {
                self.text(", ");
            }
            self.route_field(&image, name, *how);
        }
        self.out.push(b'}');
        let at = align(size);
        if len > at {
            self.text(", ");
            self.attributes(address.wrapping_add(at), len - at, table, family, 0);
        }
        true
    }

    fn route_field(&mut self, image: &Image, name: &str, how: Field) {
        match how {
            Field::As(how) => self.field(image, name, how),
            Field::Index => {
                self.text(name);
                self.out.push(b'=');
                self.interface_index(image.get(name).unwrap_or(0) & 0xffff_ffff);
            }
        }
    }

    /// What families say of an interface: attributes within attributes that are named by them.
    pub(super) fn families(&mut self, data: u64, len: u64, depth: u32) {
        const FAMILIES: Table = Table {
            group: "socket_family",
            known: &[
                ("AF_INET", What::Nested(&OF_INET)),
                ("AF_INET6", What::Nested(&OF_INET6)),
            ],
        };
        self.attributes(data, len, &FAMILIES, 0, depth + 1);
    }

    /// The ways of a route: each is a structure and attributes.
    pub(super) fn ways(&mut self, data: u64, len: u64, family: u64, depth: u32) {
        let size = self
            .abi
            .structure("rtnexthop")
            .map_or(8, |shape| u64::from(shape.size));
        let (mut at, mut count) = (0u64, 0);
        let several = self
            .load("rtnexthop", data)
            .is_some_and(|first| align(first.get("rtnh_len").unwrap_or(0)) < len);
        if several {
            self.out.push(b'[');
        }
        while len.saturating_sub(at) >= size && count < self.most() {
            let Some(image) = self.load("rtnexthop", data.wrapping_add(at)) else {
                break;
            };
            let own = image.get("rtnh_len").unwrap_or(0);
            if count > 0 {
                self.text(", ");
            }
            count += 1;
            self.text("{rtnh_len=");
            self.decimal(own);
            self.text(", rtnh_flags=");
            self.flags("route_hop", image.get("rtnh_flags").unwrap_or(0));
            self.text(", ");
            self.number_field(&image, "rtnh_hops");
            self.text(", rtnh_ifindex=");
            self.interface_index(image.get("rtnh_ifindex").unwrap_or(0) & 0xffff_ffff);
            self.out.push(b'}');
            let room = own.min(len - at);
            if room > size {
                self.text(", ");
                let place = data.wrapping_add(at + size);
                self.attributes(place, room - size, &ROUTE, family, depth + 1);
            }
            if own < size {
                break;
            }
            at = at.saturating_add(align(own));
        }
        if several {
            self.out.push(b']');
        }
    }
}
