# Writes OUTPUT, a C file with the bytes of each of FILES (parted by |) from FOLDER, as the table PREFIXs of
# PREFIX structs that HEADER declares. Run as a script: cmake -DFOLDER=… -DFILES=… -DHEADER=… -DPREFIX=…
# -DOUTPUT=… -P
string(REPLACE "|" ";" files "${FILES}")
set(types .html "text/html; charset=utf-8" .css "text/css; charset=utf-8"
          .js "text/javascript; charset=utf-8" .svg image/svg+xml)
set(arrays "")
set(table "")
set(number 0)
foreach(name IN LISTS files)
  file(READ "${FOLDER}/${name}" hex HEX)
  string(REGEX REPLACE "([0-9a-f][0-9a-f])" "0x\\1," bytes "${hex}")
  string(REGEX REPLACE "(0x..,0x..,0x..,0x..,0x..,0x..,0x..,0x..,0x..,0x..,0x..,0x..,0x..,0x..,0x..,0x..,)"
                       "\\1\n" bytes "${bytes}")
  get_filename_component(extension "${name}" LAST_EXT)
  list(FIND types "${extension}" at)
  math(EXPR at "${at} + 1")
  list(GET types ${at} type)
  string(APPEND arrays "static const unsigned char file_${number}[] = {\n${bytes}\n};\n")
  set(path "/${name}")
  if(name STREQUAL "index.html")
    set(path "/")
  endif()
  string(APPEND table "    {\"${path}\", \"${type}\", file_${number}, sizeof file_${number}},\n")
  math(EXPR number "${number} + 1")
endforeach()
file(WRITE "${OUTPUT}" "#include \"${HEADER}\"\n\n${arrays}
const ${PREFIX} ${PREFIX}s[] = {\n${table}    {0, 0, 0, 0},\n};\n")
