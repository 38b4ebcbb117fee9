# U-Boot's script: which of the two slots is started. The same on the Pi and in the emulator.
# Kept in one sector of the disk (512 bytes at 1 MiB, before the first partition): U-Boot's own environment format with
# its checksum, which RAUC writes through fw_setenv. One sector is written whole or not at all.
setenv loadfrom "${devtype} ${devnum}"
setenv envat 0x800
setenv BOOT_ORDER "A B"
setenv BOOT_A_LEFT 3
setenv BOOT_B_LEFT 3
setenv CHEVET_TRIAL
if ${devtype} dev ${devnum} && ${devtype} read ${loadaddr} ${envat} 1; then
  env import -c ${loadaddr} 0x200 BOOT_ORDER BOOT_A_LEFT BOOT_B_LEFT CHEVET_TRIAL || echo "chevet: no record of slots, beginning with A"
fi

# The second round is for when every slot of the order has used up its tries: they are tried anew, the first one first.
setenv slot
for one in ${BOOT_ORDER} anew ${BOOT_ORDER} A; do
  if test "${slot}" = ""; then
    if test "${one}" = "anew"; then
      echo "chevet: both slots have failed; both are tried anew"
      setenv BOOT_A_LEFT 3; setenv BOOT_B_LEFT 3
    elif test "${one}" = "A" && test ${BOOT_A_LEFT} -gt 0; then
      setexpr BOOT_A_LEFT ${BOOT_A_LEFT} - 1
      setenv slot a; setenv bootpart 5; setenv bootname A
    elif test "${one}" = "B" && test ${BOOT_B_LEFT} -gt 0; then
      setexpr BOOT_B_LEFT ${BOOT_B_LEFT} - 1
      setenv slot b; setenv bootpart 7; setenv bootname B
    fi
  fi
done
env export -c -s 0x200 ${loadaddr} BOOT_ORDER BOOT_A_LEFT BOOT_B_LEFT CHEVET_TRIAL
${devtype} write ${loadaddr} ${envat} 1

setenv console "console=tty1"
if test "${devtype}" = "virtio"; then setenv console "console=ttyAMA0,115200 systemd.journald.forward_to_console=1"; fi
setenv bootargs "${console} chevet.slot=${slot} rauc.slot=${bootname} loglevel=5 systemd.getty_auto=no systemd.show_status=no panic=5 vt.global_cursor_default=0 ${chevet_more}"
echo "chevet: slot ${slot}"
load ${loadfrom}:${bootpart} ${kernel_addr_r} /vmlinuz
load ${loadfrom}:${bootpart} ${ramdisk_addr_r} /initrd
setenv initrd_size ${filesize}
setenv tree ${fdtcontroladdr}
if test -n "${fdt_addr}"; then setenv tree ${fdt_addr}; fi
booti ${kernel_addr_r} ${ramdisk_addr_r}:${initrd_size} ${tree}
# A kernel that does not start: the next try counts.
reset
