# SPDX-License-Identifier: MIT
"""A driver package's catalogue: the digests of its files, in a certificate trust list to be signed.

Version 1, whose digests are SHA-1: it is the one that every Windows from XP on reads; of version 2
(SHA-256) Windows 7 knows nothing. The signature over it, and those in the drivers, are SHA-256.
A catalogue of the same files is the same, byte for byte.

Source: MSDN, CTL_INFO, CRYPTCATMEMBER and MakeCat; "Windows Authenticode Portable Executable
Signature Format", SpcIndirectDataContent; what published catalogues look like.
"""
import hashlib

from asn1crypto import algos, cms, core

SIGNED_DATA = "1.2.840.113549.1.7.2"
CTL = "1.3.6.1.4.1.311.10.1"
CATALOG_LIST = "1.3.6.1.4.1.311.12.1.1"
CATALOG_LIST_MEMBER = "1.3.6.1.4.1.311.12.1.2"
NAME_VALUE = "1.3.6.1.4.1.311.12.2.1"
MEMBER_INFO = "1.3.6.1.4.1.311.12.2.2"
INDIRECT_DATA = "1.3.6.1.4.1.311.2.1.4"
PE_IMAGE = "1.3.6.1.4.1.311.2.1.15"
FLAT_FILE = "1.3.6.1.4.1.311.2.1.25"

# Which module of Windows takes the digest of such a file.
PE_SUBJECT = "{C689AAB8-8E78-11D0-8C47-00C04FC295EE}"
FLAT_SUBJECT = "{DE351A42-8E59-11D0-8C47-00C04FC295EE}"
MEMBER_VERSION = 0x200
AUTHENTICATED_TEXT = 0x10010001     # of a name and value: both are text, both are signed
SYSTEMS = "2:5.1,2:5.2,2:6.0,2:6.1,2:6.2,2:6.3,2:10.0"
NO_PATH = "<<<Obsolete>>>"          # the path in a description of a file is always this one


class SpcString(core.Choice):
    _alternatives = [("unicode", core.BMPString, {"implicit": 0})]


class SpcLink(core.Choice):
    _alternatives = [("file", SpcString, {"explicit": 2})]


class SpcPeImageFlags(core.BitString):
    _map = {0: "resources", 1: "debug_info", 2: "import_address_table"}


class SpcPeImageData(core.Sequence):
    _fields = [("flags", SpcPeImageFlags), ("file", SpcLink, {"explicit": 0})]


class SpcAttribute(core.Sequence):
    _fields = [("type", core.ObjectIdentifier), ("value", core.Any)]


class IndirectData(core.Sequence):
    _fields = [("data", SpcAttribute), ("digest", algos.DigestInfo)]


class NameValue(core.Sequence):
    _fields = [("name", core.BMPString), ("flags", core.Integer), ("value", core.OctetString)]


class MemberInfo(core.Sequence):
    _fields = [("subject", core.BMPString), ("version", core.Integer)]


class Values(core.SetOf):
    _child_spec = core.Any


class Attribute(core.Sequence):
    _fields = [("type", core.ObjectIdentifier), ("values", Values)]


class Attributes(core.SetOf):
    _child_spec = Attribute


class Member(core.Sequence):
    _fields = [("tag", core.OctetString), ("attributes", Attributes)]


class Members(core.SequenceOf):
    _child_spec = Member


class Usages(core.SequenceOf):
    _child_spec = core.ObjectIdentifier


class Algorithm(core.Sequence):
    _fields = [("type", core.ObjectIdentifier), ("parameters", core.Null)]


class Extension(core.Sequence):
    _fields = [("type", core.ObjectIdentifier), ("value", core.OctetString)]


class Extensions(core.SequenceOf):
    _child_spec = Extension


class TrustList(core.Sequence):
    _fields = [
        ("usage", Usages),
        ("identifier", core.OctetString),
        ("this_update", core.UTCTime),
        ("algorithm", Algorithm),
        ("members", Members),
        ("extensions", Extensions, {"explicit": 0}),
    ]


class TrustListContent(core.Sequence):
    _fields = [("type", core.ObjectIdentifier), ("content", TrustList, {"explicit": 0})]


class Signers(core.SetOf):
    _child_spec = cms.SignerInfo


class SignedData(core.Sequence):
    _fields = [
        ("version", core.Integer),
        ("digest_algorithms", cms.DigestAlgorithms),
        ("content", TrustListContent),
        ("signers", Signers),
    ]


class Catalogue(core.Sequence):
    _fields = [("type", core.ObjectIdentifier), ("content", SignedData, {"explicit": 0})]


def utf16(text):
    return (text + "\0").encode("utf-16-le")


def name_value(name, value):
    return NameValue({"name": name, "flags": AUTHENTICATED_TEXT, "value": utf16(value)})


def attribute(kind, value):
    return {"type": kind, "values": [value]}


def indirect_data(is_pe, digest):
    link = SpcLink(name="file", value=SpcString(name="unicode", value=NO_PATH))
    what = (SpcPeImageData({"flags": {"resources", "import_address_table"}, "file": link})
            if is_pe else link)
    return IndirectData({
        "data": {"type": PE_IMAGE if is_pe else FLAT_FILE, "value": what},
        "digest": {"digest_algorithm": {"algorithm": "sha1", "parameters": core.Null()},
                   "digest": digest},
    })


def member(name, is_pe, digest):
    return Member({
        "tag": utf16(digest.hex().upper()),
        "attributes": [
            attribute(NAME_VALUE, name_value("File", name.lower())),
            attribute(NAME_VALUE, name_value("OSAttr", SYSTEMS)),
            attribute(MEMBER_INFO, MemberInfo({"subject": PE_SUBJECT if is_pe else FLAT_SUBJECT,
                                               "version": MEMBER_VERSION})),
            attribute(INDIRECT_DATA, indirect_data(is_pe, digest)),
        ],
    })


def make(files, hardware_ids, day):
    """The bytes of a catalogue without a signature.

    files: (name, whether it is a PE file, SHA-1 digest); of a PE file the digest of Authenticode.
    day: its date, a datetime in UTC.
    """
    # Windows searches members by their tags, which it expects in order.
    members = sorted((member(*file) for file in files), key=lambda one: one["tag"].native)
    names = (name_value(f"HWID{number}", one) for number, one in enumerate(hardware_ids, 1))
    together = b"".join(one.dump() for one in members)
    trust_list = TrustList({
        "usage": [CATALOG_LIST],
        "identifier": hashlib.sha256(together).digest()[:16],
        "this_update": day,
        "algorithm": {"type": CATALOG_LIST_MEMBER, "parameters": core.Null()},
        "members": members,
        "extensions": [{"type": NAME_VALUE, "value": one.dump()} for one in names],
    })
    signed = SignedData({"version": 1, "digest_algorithms": [],
                         "content": {"type": CTL, "content": trust_list}, "signers": []})
    return Catalogue({"type": SIGNED_DATA, "content": signed}).dump()
