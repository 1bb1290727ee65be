#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Make a driver package that a Windows in test mode installs: INF files, drivers, catalogue.

    windows_package.py PARPORT-64 PARPORT-32 FOLDER

The two files are the drivers for x86_64 and i686. Everything is signed with a key that is made for
this package and thrown away with it; the certificate stays, as openparport-test.cer. Programs:
openssl, osslsigncode. Debian's Python, for its module asn1crypto.
"""
import datetime
import hashlib
import subprocess
import sys
import tempfile
from pathlib import Path

import catalogue
import inf as inf_file
import pe

SOURCE = Path(__file__).resolve().parents[1] / "data" / "windows"
CATALOGUE = "parport.cat"
CERTIFICATE = "openparport-test.cer"
DRIVER = "parport.sys"
FOLDERS = ("x64", "x86")
DAYS = 365


def run(*command):
    done = subprocess.run([str(word) for word in command], stdin=subprocess.DEVNULL, text=True,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=60)
    if done.returncode:
        sys.exit(f"{command[0]}: {done.stdout}")


def new_certificate(folder):
    """A key and a certificate for nothing but signing code; (certificate, key)."""
    certificate, key = folder / "certificate.pem", folder / "key.pem"
    run("openssl", "req", "-x509", "-newkey", "rsa:2048", "-sha256", "-nodes", "-days", DAYS,
        "-subj", "/CN=OpenParport test signing", "-addext", "basicConstraints=critical,CA:false",
        "-addext", "keyUsage=critical,digitalSignature",
        "-addext", "extendedKeyUsage=critical,codeSigning", "-keyout", key, "-out", certificate)
    return certificate, key


def sign(signer, source, target):
    certificate, key = signer
    run("osslsigncode", "sign", "-h", "sha256", "-certs", certificate, "-key", key,
        "-n", "OpenParport", "-in", source, "-out", target)


def inf_bytes(path):
    """As it is installed: lines end as Windows' tools write them."""
    return path.read_bytes().replace(b"\n", b"\r\n")


def make_catalogue(infs, drivers):
    """The catalogue of `infs` (name: bytes) and `drivers` (files), before it is signed."""
    parsed = [inf_file.parse(data.decode("ascii")) for data in infs.values()]
    files = [(name, False, hashlib.sha1(data).digest()) for name, data in infs.items()]
    files += [(DRIVER, True, pe.Image(driver).authenticode("sha1")) for driver in drivers]
    ids = list(dict.fromkeys(one for inf in parsed for one in inf_file.hardware_ids(inf)))
    day = datetime.datetime.strptime(parsed[0].value("Version", "DriverVer")[0], "%m/%d/%Y")
    return catalogue.make(files, ids, day.replace(tzinfo=datetime.timezone.utc))


def make(drivers, target):
    infs = {path.name: inf_bytes(path) for path in sorted(SOURCE.glob("*.inf"))}
    for folder in FOLDERS:
        (target / folder).mkdir(parents=True, exist_ok=True)
    for name, data in infs.items():
        (target / name).write_bytes(data)
    with tempfile.TemporaryDirectory() as scratch:
        signer = new_certificate(Path(scratch))
        for folder, driver in zip(FOLDERS, drivers):
            (target / folder / DRIVER).unlink(missing_ok=True)
            sign(signer, driver, target / folder / DRIVER)
        unsigned = Path(scratch, CATALOGUE)
        unsigned.write_bytes(make_catalogue(infs, drivers))
        (target / CATALOGUE).unlink(missing_ok=True)
        sign(signer, unsigned, target / CATALOGUE)
        run("openssl", "x509", "-in", signer[0], "-outform", "DER", "-out", target / CERTIFICATE)


def main():
    if len(sys.argv) != 4:
        sys.exit(__doc__)
    *drivers, target = map(Path, sys.argv[1:])
    make(drivers, target)
    print(f"made {target}")


if __name__ == "__main__":
    main()
